"""Serving the lab to a class: several Streamlit processes behind nginx, by hand or in a container.

serve starts, watches and ends them (`python -m deploy.serve`); front writes what nginx reads: its configuration, from
the template nginx.conf, and Streamlit's own files, compressed once.
"""
