// Charts of one page are made in turn, those in sight first, and painted between: the first is seen while others wait.

const FRAME = 50;  // ms: a page in the background paints nothing, and still makes its charts
const UNPAINTED = 30;  // ms of making charts after which what is made is painted

export class Turns {
  /** @param {(place: Element) => boolean} inSight @param {() => Promise<void>} [painted] */
  constructor(inSight, painted = nextFrame) {
    this.inSight = inSight;
    this.painted = painted;
    /** @type {{place: Element, make: () => Promise<void>}[]} */
    this.waiting = [];
    this.working = false;
  }

  /** Make the chart of a place when it is its turn. @param {Element} place @param {() => Promise<void>} make @returns {Promise<void>} */
  take(place, make) {
    return new Promise((done, failed) => {
      this.waiting.push({ place, make: () => make().then(done, failed) });
      if (!this.working) this.work();
    });
  }

  async work() {
    this.working = true;
    let since = performance.now();
    while (this.waiting.length) {
      const seen = this.waiting.findIndex(({ place }) => this.inSight(place));
      const [next] = this.waiting.splice(Math.max(seen, 0), 1);
      await next.make();
      if (performance.now() - since > UNPAINTED) {
        await this.painted();
        since = performance.now();
      }
    }
    this.working = false;
  }
}

/** @returns {Promise<void>} */
function nextFrame() {
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));  // after it is painted
    setTimeout(done, FRAME);
  });
}
