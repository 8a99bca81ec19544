"""The lab's measurements of a model of your own.

watch (trains copies of a torch.nn.Module at several learning rates) with torch_copies (how models and random numbers
are copied, and which can't be) and watch_rates (what is said of rates in force that were not a lane's own)
"""
