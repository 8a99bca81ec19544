// The play bar: one slider over the moments of a run, which all pictures follow.
import { find, html, say } from './html.js';
import { setIcon } from './icons.js';
import { grouped } from './numbers.js';

const SECONDS = 6;  // that a whole run takes at normal speed
const SPEEDS = [0.5, 1, 2, 4];

/** Plays and scrubs. Tells `moved(place)`, a place among the moments, at each change. */
export class Player {
  /** @param {(place: number) => void} moved @param {string} [unit] what its moments are called */
  constructor(moved, unit = 'epoch') {
    this.moved = moved;
    this.unit = unit;
    this.moments = [0];
    this.place = 0;
    this.speed = 1;
    this.root = html`<div class="play-bar scrubber" role="group" aria-label="Playback">
      <button type="button" class="play" aria-label="Play" title="Play or pause (Space)"><span class="icon" data-icon="play"></span></button>
      <span class="line"><input class="moment" type="range" min="0" step="1" aria-label="${unit[0].toUpperCase()}${unit.slice(1)} shown in all charts"></span>
      <output></output>
      <button type="button" class="speed" aria-label="Speed, now 1 times" title="Speed">1×</button></div>`;
    this.slider = find(this.root, '.moment');
    this.slider.addEventListener('input', () => { this.stop(); this.show(Number(this.slider.value)); });
    find(this.root, '.play').addEventListener('click', () => this.toggle());
    find(this.root, '.speed').addEventListener('click', () => this.faster());
  }

  /** Take other moments: it stays at the end if it was there, else about where it was. @param {number[]} moments */
  over(moments) {
    if (moments.length === this.moments.length && moments.every((each, k) => each === this.moments[k])) return;
    const last = this.moments.length - 1, atEnd = this.place === last;
    const epoch = this.moments[this.place];
    this.moments = moments;
    this.slider.max = String(moments.length - 1);
    // As wide as its longest words, so that nothing moves while it plays.
    find(this.root, 'output').style.setProperty('--longest', `${`${this.unit}  of ${grouped(moments[moments.length - 1]).repeat(2)}`.length}ch`);
    const same = moments.findIndex((each) => each >= epoch);
    this.show(atEnd || same < 0 ? moments.length - 1 : same);
  }

  get epoch() {
    return this.moments[this.place];
  }

  /** @param {number} place */
  show(place) {
    this.place = Math.max(0, Math.min(this.moments.length - 1, place));
    const words = `${this.unit} ${grouped(this.epoch)} of ${grouped(this.moments[this.moments.length - 1])}`;
    this.slider.value = String(this.place);
    this.slider.setAttribute('aria-valuetext', words);
    say(find(this.root, 'output'), words);
    this.moved(this.place);
  }

  toggle() {
    if (this.timer) {
      this.stop();
      return;
    }
    this.play();
  }

  play() {
    this.stop();
    if (this.place === this.moments.length - 1) this.show(0);
    this.label('pause', 'Pause');
    const step = () => {
      this.show(this.place + 1);
      if (this.place === this.moments.length - 1) this.stop();
    };
    this.timer = setInterval(step, (1000 * SECONDS) / this.speed / Math.max(20, this.moments.length));
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.label('play', 'Play');
  }

  /** @param {number} by */
  step(by) {
    this.stop();
    this.show(this.place + by);
  }

  faster() {
    this.speed = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length];
    const button = find(this.root, '.speed');
    say(button, `${this.speed}×`);
    button.setAttribute('aria-label', `Speed, now ${this.speed} times`);
    if (this.timer) this.play();
  }

  /** @param {string} icon @param {string} words */
  label(icon, words) {
    const button = find(this.root, '.play');
    setIcon(find(button, '.icon'), icon);
    button.setAttribute('aria-label', words);
  }
}
