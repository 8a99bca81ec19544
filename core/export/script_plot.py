"""The picture at the end of an exported script or notebook: every loss curve over one axis that shows them."""

PLOT = """\
import matplotlib.pyplot as plt

# The axis ends at 1,000 times the first loss. A curve that goes beyond is cut there, with a mark.
every = np.nan_to_num(np.concatenate(list(losses.values())), nan=np.inf, posinf=np.inf)
first = next(iter(losses.values()))[0]
high = min(2 * every.max(), 1000 * first) or 1
low = max(every[every > 0].min(initial=high) / 2, 1e-15 * high)
for lr in learning_rates:
    (curve,) = plt.plot(losses[lr], label=f"lr = {lr:g}")
    left = next((epoch for epoch, loss in enumerate(losses[lr]) if not loss <= high), None)
    if left:  # from a last loss in the picture to one beyond it: the mark stands where the line crosses the edge
        before, after = losses[lr][left - 1], losses[lr][left]
        crossed = left - 1 + np.log(high / before) / np.log(after / before)
        plt.plot(crossed, high, "^", color=curve.get_color(), clip_on=False)
        curve.set_label(f"lr = {lr:g}, left at epoch {left:,}")
plt.xlim(0, epochs)
plt.ylim(low, high)
plt.xscale("symlog")  # as logarithmic as can be, with epoch 0
plt.yscale("log")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()"""
SHOW = "plt.show()"  # of a notebook
# Where there is no display matplotlib draws by agg, and show() would do nothing.
WINDOW_OR_FILE = """\
if plt.get_backend().lower() == "agg":
    plt.savefig("losses.png")
    print("No window can be opened here: the picture is in losses.png.")
else:
    plt.show()"""
