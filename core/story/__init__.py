"""What the lessons compute and ask. lessons: their list, in order; question: what a question is; glossary: the terms.
The module named as a page of pages/learn/ holds that lesson's facts and questions; what it draws stands in *_chart.py,
what needs PyTorch in torch_*.py. Parts of lessons with a module of their own:

3  article_loop (the loop that is shown and run)
4  maps (one-dimensional valleys, doubling), catapult (a loss that rises and recovers)
5  halves (gradients and update rules that can be swapped)
6  exclusive_or (what the network is trained on)
7  traditional (a tree, neighbours and naive Bayes beside a network)
8  falling_rate (does a schedule help?), mystery and mystery_words (the ten curves, and what is said of them)
"""
