"""What stands between the network and the pages: one process that holds a class.

settings       what a host may set by environment variables, each checked at the start
headers        what each answer tells the browser: what a page may load, and who may frame it
browsers       which browser asks, told by its cookie
crowd          the sockets that are open: of all, of each browser, of each address
guard          the door for websockets: how fast, how large, and which messages
buckets        how often one may ask: a socket its page, an address a route of ours
bodies         what is sent comes whole within a minute
uploads        the files that are held: how much, and how long
widget_values  values that a widget can't have, left out
links          over-long links, cut to what a page can repair
files          the web client's own files, compressed once
builds         what many ask for together, built once
decks          a line at every learning rate, by address, for browsers
stage_files    what draws a deck there: Vega, and the stage's modules as one
health         whether this process is ready for visitors
page_errors    errors of a page: an id for the reader, the story in the log
workers        processes for long and untrusted work, each with limits, and the queue in front of them
worker_process what runs in one of them
warm_up        what is loaded before anybody asks
"""
