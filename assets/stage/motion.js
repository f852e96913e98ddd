// What moves Choco: inputs from outside, breath and blinking of her own, signs of a feeling, springs in her hair.

import { clamp, ramp } from "./shapes.js";

const REST = {
  EyeOpenLeft: 0.95, EyeOpenRight: 0.95, BrowLeftY: 0.5, BrowRightY: 0.5, Brows: 0.5, MouthSmile: 0.5,
};

// A spring that overshoots a little: hair, ribbons.
class Spring {
  constructor(pull, damp) {
    Object.assign(this, { pull, damp, x: 0, v: 0 });
  }

  step(goal, dt) {
    const count = Math.ceil(dt / 0.008);
    for (let i = 0; i < count; i++) {
      this.v += (this.pull * this.pull * (goal - this.x) - 2 * this.damp * this.pull * this.v) * (dt / count);
      this.x += this.v * (dt / count);
    }
    return this.x;
  }
}

export class Motion {
  constructor(canvas) {
    this.canvas = canvas;
    this.g = canvas.getContext("2d");
    this.goal = {}; // inputs that are set from outside
    this.now = { ...REST }; // as drawn
    this.expressions = new Map(); // name -> {weight, goal, seconds}
    this.place = { positionX: 0, positionY: 0, rotation: 0, size: 0 };
    this.placed = { ...this.place };
    this.placeSeconds = 0;
    this.marks = { smile: 0, tears: 0, rage: 0, shock: 0, stars: 0 };
    this.hair = [new Spring(10, 0.4), new Spring(7, 0.34), new Spring(5.2, 0.3)];
    this.bounce = new Spring(12, 0.35);
    this.gesture = { name: "", age: 9 };
    this.age = 0;
    this.nextBlink = 2;
    this.blinkAge = 9;
  }

  set(values, free = []) {
    Object.assign(this.goal, values);
    for (const name of free) delete this.goal[name];
  }

  show(names, seconds) {
    for (const name of new Set([...names, ...this.expressions.keys()])) {
      const weight = this.expressions.get(name)?.weight ?? 0;
      this.expressions.set(name, { weight, goal: names.includes(name) ? 1 : 0, seconds });
    }
  }

  stand(place, seconds) {
    Object.assign(this.place, place);
    this.placeSeconds = seconds;
  }

  play(name) {
    this.gesture = { name, age: 0 };
  }

  step(dt) {
    this.age += dt;
    const rest = this.idle(dt);
    const near = 1 - 2 ** (-dt / 0.02);
    for (const name of new Set([...Object.keys(this.goal), ...Object.keys(this.now), ...Object.keys(rest)])) {
      const to = this.goal[name] ?? rest[name] ?? REST[name] ?? 0;
      const from = this.now[name] ?? to;
      this.now[name] = from + (to - from) * (name in this.goal ? near : 1 - 2 ** (-dt / 0.05));
    }
    for (const shown of this.expressions.values()) {
      const most = shown.seconds > 0 ? dt / shown.seconds : 1;
      shown.weight += clamp(shown.goal - shown.weight, -most, most);
    }
    for (const name of Object.keys(this.place)) {
      const k = this.placeSeconds > 0 ? 1 - 2 ** ((-dt * 6) / this.placeSeconds) : 1;
      this.placed[name] += (this.place[name] - this.placed[name]) * k;
    }
    this.feel(dt);
    this.gesture.age += dt;
    const { v } = this;
    const pull = v("FaceAngleX") / 30 + v("FaceAngleZ") / 45 + v("FacePositionX") / 20;
    this.pull = pull;
    this.hair[0].step(pull, dt);
    this.hair[1].step(this.hair[0].x, dt);
    this.hair[2].step(this.hair[1].x, dt);
    this.bounce.step(v("FaceAngleY") / 30 + this.hop() / 40, dt);
  }

  v = (name) => this.now[name] ?? REST[name] ?? 0;
  e = (name) => this.expressions.get(name)?.weight ?? 0;

  // What she does when nothing moves her: breathe, blink, sway a little.
  idle(dt) {
    const t = this.age;
    this.blinkAge += dt;
    if (t > this.nextBlink) {
      this.blinkAge = 0;
      this.nextBlink = t + (Math.random() < 0.12 ? 0.4 : 2 + Math.random() * 4);
    }
    const b = this.blinkAge;
    const open = 0.95 * (b < 0.1 ? 1 - ramp(b, 0, 0.1) : ramp(b, 0.15, 0.3));
    return {
      EyeOpenLeft: open,
      EyeOpenRight: open,
      FaceAngleX: 3 * Math.sin(t / 1.7),
      FaceAngleY: 1.6 * Math.sin(t / 1.13 + 1),
      FaceAngleZ: 2.2 * Math.sin(t / 2.3 + 2),
      AIsChocoBreath: 0.5 + 0.5 * Math.sin((t * 2 * Math.PI) / 3.23),
      MouthSmile: 0.55,
    };
  }

  // Signs of a feeling: from expressions, or from the inputs if they show it clearly enough.
  feel(dt) {
    const { v, e } = this;
    const brow = (v("BrowLeftY") + v("BrowRightY")) / 2;
    const angle = (v("AIsChocoBrowLAngle") + v("AIsChocoBrowRAngle")) / 2;
    const open = Math.max(v("EyeOpenLeft"), v("EyeOpenRight"));
    const smile = v("MouthSmile");
    const wanted = {
      smile: Math.max(e("happy"), ramp(smile, 0.66, 0.85) * (1 - ramp(open, 0.84, 0.94)) * ramp(open, 0.3, 0.6)),
      tears: Math.max(e("sad"), ramp(angle, 0.5, 0.68)),
      rage: Math.max(e("angry"), ramp(v("FaceAngry"), 0.5, 0.85)),
      shock: Math.max(e("surprised"), ramp(brow, 0.86, 0.94) * (1 - ramp(smile, 0.4, 0.6))),
      stars: Math.max(e("excited"), ramp(brow, 0.76, 0.84) * ramp(smile, 0.55, 0.75)),
    };
    if (open < 0.4) wanted.smile = Math.max(e("happy"), this.marks.smile); // a blink does not change the feeling
    for (const name of Object.keys(wanted)) this.marks[name] += (wanted[name] - this.marks[name]) * (1 - 2 ** (-dt / 0.1));
  }

  // How far the hair lags behind the head: 0 at rest.
  lag(strand) {
    return this.hair[strand].x - (this.pull ?? 0);
  }

  hop() {
    const { name, age } = this.gesture;
    return name === "hop" && age < 0.7 ? 46 * Math.abs(Math.sin((age / 0.7) * 2 * Math.PI)) * (1 - age) : 0;
  }

  nod() {
    const { name, age } = this.gesture;
    return name === "nod" && age < 0.8 ? -16 * Math.sin((age / 0.8) * 4 * Math.PI) ** 2 : 0;
  }
}
