"""The lab's measurements of a model of your own.

watch (trains copies of a torch.nn.Module at several learning rates)
"""
