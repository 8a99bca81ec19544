"""Serving the lab to a class: several Streamlit processes behind nginx, by hand or in a container.

serve starts, watches and ends them (`python -m deploy.serve`); front writes what nginx reads: its configuration, from
the template nginx.conf, and Streamlit's own files, compressed once. packages knows what is installed to run the lab and
under which licences; audit asks whether any of it has a known vulnerability.
"""
