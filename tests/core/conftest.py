"""What all tests of core share."""

import torch

torch.set_num_threads(1)  # two threads are far slower on arrays this small, and tests run side by side
