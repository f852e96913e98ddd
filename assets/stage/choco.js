// Choco: a girl with truffle buns, drawn from paths on a canvas. Units: the head is about 400 wide, its middle at (0, 0),
// y goes down. Each point of the head has a depth, so that a turn moves near parts farther than distant ones.

const clamp = (x, a = 0, b = 1) => Math.min(b, Math.max(a, x));
const mix = (a, b, k) => a + (b - a) * k;
const ramp = (x, a, b) => {
  const k = clamp((x - a) / (b - a));
  return k * k * (3 - 2 * k);
};

const INK = "#4b2517";
const REST = {
  EyeOpenLeft: 0.95, EyeOpenRight: 0.95, BrowLeftY: 0.5, BrowRightY: 0.5, Brows: 0.5, MouthSmile: 0.5,
};

// Paths: "M x y C ... Q ... L ... Z", parsed once; a fold (x, y) -> [x, y] bends every point when they are traced.

function path(text) {
  const words = text.trim().split(/[\s,]+/);
  const steps = [];
  let kind = "";
  for (let i = 0; i < words.length;) {
    if (/[MCQLZ]/.test(words[i])) kind = words[i++];
    const count = { M: 2, L: 2, Q: 4, C: 6, Z: 0 }[kind];
    steps.push([kind, words.slice(i, i + count).map(Number)]);
    i += count;
  }
  return steps;
}

const mirrored = (steps) => steps.map(([kind, n]) => [kind, n.map((v, i) => (i % 2 ? v : -v))]);

const SHAPES = {
  face: path("M -170 -50 C -176 50 -160 120 -104 172 C -66 206 -30 224 0 224 C 30 224 66 206 104 172 C 160 120 176 50 170 -50 C 168 -210 -168 -210 -170 -50 Z"),
  bangs: path(`M -206 66 C -232 -70 -214 -266 0 -268 C 214 -266 232 -70 206 66 C 200 26 192 -14 178 -50
    C 180 -14 174 20 160 46 C 154 6 142 -38 122 -72 C 120 -34 110 0 90 26 C 88 -14 76 -54 52 -90
    C 50 -52 36 -16 8 12 C 6 -26 -6 -60 -26 -92 C -38 -50 -58 -14 -88 20 C -86 -18 -98 -50 -118 -76
    C -126 -38 -140 2 -162 42 C -172 14 -180 -18 -178 -52 C -192 -16 -202 24 -206 66 Z`),
  back: path(`M -196 -120 C -262 0 -268 180 -262 330 C -262 372 -226 372 -222 336 C -220 384 -176 404 -170 350
    C -166 402 -112 402 -108 350 C -102 376 -62 376 -58 344 L 58 344 C 62 376 102 376 108 350 C 112 402 166 402 170 350
    C 176 404 220 384 222 336 C 226 372 262 372 262 330 C 268 180 262 0 196 -120 C 150 -240 -150 -240 -196 -120 Z`),
  lock: path("M 168 -70 C 214 -20 226 90 214 190 C 210 244 196 282 178 300 C 182 258 172 236 166 200 C 156 130 178 50 168 -70 Z"),
  shine: path("M -150 -132 C -120 -176 -70 -196 -16 -200 C -30 -186 -34 -176 -40 -160 C -52 -176 -66 -176 -78 -150 C -90 -166 -104 -160 -112 -134 C -124 -146 -138 -144 -150 -132 Z"),
  shine2: path("M 24 -200 C 80 -194 128 -172 152 -128 C 140 -140 128 -142 116 -130 C 106 -156 92 -162 78 -146 C 66 -172 50 -176 40 -158 C 36 -176 34 -188 24 -200 Z"),
  ahoge: path("M -10 -258 C -34 -300 -20 -344 34 -352 C 10 -330 2 -306 22 -258 Z"),
  shadow: path("M -170 -50 C -172 0 -168 30 -158 62 C -140 20 -124 -20 -118 -52 C -104 -10 -92 20 -86 40 C -58 6 -40 -30 -26 -70 C -10 -40 2 0 8 32 C 34 8 48 -30 52 -66 C 74 -30 86 10 92 44 C 110 20 118 -20 122 -50 C 142 -20 152 20 160 64 C 170 20 172 0 170 -50 C 168 -190 -168 -190 -170 -50 Z"),
  neck: path("M -45 150 L 45 150 L 52 300 C 30 336 -30 336 -52 300 Z"),
  neckShade: path("M -45 172 C -30 226 30 226 45 172 L 48 236 C 24 262 -24 262 -48 236 Z"),
  torso: path("M -66 286 C -130 296 -206 318 -238 378 C -262 430 -262 540 -262 640 L 262 640 C 262 540 262 430 238 378 C 206 318 130 296 66 286 C 40 330 -40 330 -66 286 Z"),
  apron: path("M -150 640 C -160 540 -150 470 -128 420 C -100 440 -50 452 0 452 C 50 452 100 440 128 420 C 150 470 160 540 150 640 Z"),
  strap: path("M 96 296 C 118 330 128 372 128 424 L 164 436 C 172 390 164 336 142 306 Z"),
  collar: path("M -70 282 C -104 296 -128 318 -134 352 C -88 356 -44 376 0 414 C 44 376 88 356 134 352 C 128 318 104 296 70 282 C 56 322 26 344 0 352 C -26 344 -56 322 -70 282 Z"),
  bow: path("M 0 404 C 20 366 78 352 96 372 C 108 400 100 436 84 446 C 56 446 20 428 0 404 Z"),
  tail: path("M 4 408 C 26 440 42 476 44 512 L 20 500 L 4 516 C 8 476 4 440 -4 410 Z"),
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

export class Choco {
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

  // What moves.

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

  // Drawing.

  trace(steps, fold) {
    const { g } = this;
    g.beginPath();
    for (const [kind, n] of steps) {
      if (kind === "Z") {
        g.closePath();
        continue;
      }
      const p = [];
      for (let i = 0; i < n.length; i += 2) p.push(...fold(n[i], n[i + 1]));
      if (kind === "M") g.moveTo(...p);
      else if (kind === "L") g.lineTo(...p);
      else if (kind === "Q") g.quadraticCurveTo(...p);
      else g.bezierCurveTo(...p);
    }
  }

  paint(fill, line = 4, ink = INK) {
    const { g } = this;
    g.fillStyle = fill;
    g.fill();
    if (line) {
      g.lineWidth = line;
      g.strokeStyle = ink;
      g.stroke();
    }
  }

  down(y0, y1, ...colours) {
    const found = this.g.createLinearGradient(0, y0, 0, y1);
    colours.forEach((colour, i) => found.addColorStop(i / (colours.length - 1), colour));
    return found;
  }

  ellipse(x, y, rx, ry, turn = 0) {
    this.g.beginPath();
    this.g.ellipse(x, y, Math.max(rx, 0.01), Math.max(ry, 0.01), turn, 0, 2 * Math.PI);
  }

  draw() {
    const { g, v, canvas, placed } = this;
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.clearRect(0, 0, canvas.width, canvas.height);
    const s = Math.min(canvas.width / 700, canvas.height / 880);
    g.setTransform(s, 0, 0, s, canvas.width / 2, canvas.height - 500 * s);
    g.lineJoin = g.lineCap = "round";
    g.translate(placed.positionX * 440, -placed.positionY * 440);
    g.translate(0, 300);
    g.rotate((placed.rotation * Math.PI) / 180);
    const size = 1.04 ** clamp(placed.size, -100, 100) * (1 + v("FacePositionZ") * 0.012);
    g.scale(size, size);
    g.translate(0, -300);
    const yaw = clamp(v("FaceAngleX") / 30, -1.3, 1.3);
    const lean = v("FacePositionX") * 4 + v("MousePositionX") * 10 + (v("AIsChocoLegL") - v("AIsChocoLegR")) * 0.5;
    const breath = v("AIsChocoBreath");
    g.translate(lean, 22 - this.hop() - v("FacePositionY") * 3);
    this.yaw = yaw * 0.44;
    this.pitch = clamp((v("FaceAngleY") + this.nod()) / 30, -1.3, 1.3) * 0.36;
    this.roll = ((clamp(v("FaceAngleZ"), -45, 45) * Math.PI) / 180) * 0.7;
    const head = (draw) => {
      g.save();
      g.translate(yaw * 10, 216 - breath * 4);
      g.rotate(this.roll);
      g.translate(0, -216);
      draw();
      g.restore();
    };
    head(() => this.behind());
    this.body(yaw, breath);
    head(() => {
      this.face();
      this.front();
    });
    head(() => this.signs());
  }

  // A fold for parts of the head: turned in space about the middle of the head.
  turn(depth, sway = 0) {
    const cy = Math.cos(this.yaw);
    const sy = Math.sin(this.yaw);
    const cp = Math.cos(this.pitch);
    const sp = Math.sin(this.pitch);
    return (x, y) => {
      const z = typeof depth === "function" ? depth(x, y) : depth;
      const hang = sway ? clamp((y + 40) / 300, 0, 1.4) ** 1.6 : 0;
      const far = z * cy - x * sy;
      const swing = mix(this.lag(1), this.lag(2), Math.min(hang, 1));
      const x2 = x * cy + z * sy + (Math.sin(this.roll) * 1.7 + swing) * sway * hang;
      return [x2, y * cp - far * sp * 0.9 - this.bounce.v * sway * 0.05 * hang];
    };
  }

  behind() {
    const { g } = this;
    this.trace(SHAPES.back, this.turn(-110, 120));
    this.paint(this.down(-200, 390, "#5b3220", "#40200f", "#6b3a22"), 5);
    g.globalAlpha = 0.35;
    g.strokeStyle = "#2e160c";
    g.lineWidth = 5;
    for (const x of [-196, -140, -84, 84, 140, 196]) {
      this.trace(path(`M ${x} -20 C ${x * 1.16} 100 ${x * 1.2} 200 ${x * 1.06} 320`), this.turn(-110, 120));
      g.stroke();
    }
    g.globalAlpha = 1;
    for (const side of [-1, 1]) this.bun(side);
  }

  // A truffle with drizzle and crumbs.
  bun(side) {
    const { g } = this;
    const [x, y] = this.turn(-30)(side * 158, -214);
    const r = 80;
    g.save();
    g.translate(x - this.hair[0].v * 1.5, y);
    const ball = g.createRadialGradient(-26, -30, 8, 0, 0, r);
    ball.addColorStop(0, "#a5663f");
    ball.addColorStop(0.5, "#6d3c24");
    ball.addColorStop(1, "#472413");
    this.ellipse(0, 0, r, r * 0.96);
    this.paint(ball, 5);
    g.clip();
    g.strokeStyle = "#7fe8c6";
    g.lineWidth = 9;
    g.beginPath();
    g.moveTo(-76, -34);
    for (let i = 0; i < 6; i++) g.quadraticCurveTo(-60 + i * 28, i % 2 ? -76 : 10, -46 + i * 28, i % 2 ? -40 : -26);
    g.stroke();
    g.restore();
    g.save();
    g.translate(x - this.hair[0].v * 1.5, y);
    const crumbs = ["#ffd9e0", "#fff3d6", "#ffb3c4"];
    [[-40, 20, 0.5], [-8, 36, -0.6], [28, 18, 0.9], [6, 8, 0.2], [44, 44, -0.3], [-26, 52, 1]].forEach(([cx, cy, turn], i) => {
      g.save();
      g.translate(cx, cy);
      g.rotate(turn);
      g.fillStyle = crumbs[i % 3];
      g.fillRect(-8, -3, 16, 6);
      g.restore();
    });
    g.restore();
  }

  body(yaw, breath) {
    const { g } = this;
    const sway = (x, y) => [x + yaw * 12 * clamp((520 - y) / 250), y - breath * 5 * clamp((560 - y) / 200)];
    const chest = (x, y) => sway(x * (1 + breath * 0.008), y);
    this.trace(SHAPES.torso, chest);
    this.paint(this.down(290, 560, "#fffaf0", "#f6e4cf"), 5);
    for (const side of [-1, 1]) {
      g.strokeStyle = "#e3c8ab";
      g.lineWidth = 4;
      this.trace(path(`M ${side * 190} 400 C ${side * 180} 450 ${side * 182} 520 ${side * 188} 600`), chest);
      g.stroke();
    }
    this.trace(SHAPES.apron, chest);
    this.paint(this.down(420, 620, "#6d3c24", "#4d2816"), 5);
    for (const steps of [SHAPES.strap, mirrored(SHAPES.strap)]) {
      this.trace(steps, chest);
      this.paint("#653721", 4);
    }
    g.strokeStyle = "rgba(255, 222, 190, .5)"; // the grooves of a bar of chocolate
    g.lineWidth = 3;
    for (const steps of ["M -50 450 L -54 640", "M 50 450 L 54 640", "M -142 516 C -60 530 60 530 142 516"]) {
      this.trace(path(steps), chest);
      g.stroke();
    }
    this.trace(SHAPES.neck, (x, y) => sway(x, y));
    this.paint("#ffe6d6", 4, "#a8644a");
    this.trace(SHAPES.neckShade, (x, y) => sway(x + yaw * 8, y));
    this.paint("#f1bfa6", 0);
    this.trace(SHAPES.collar, chest);
    this.paint("#fffdf8", 4);
    g.strokeStyle = "#54d9b0";
    g.lineWidth = 5;
    this.trace(path("M -118 342 C -80 346 -40 364 0 394 C 40 364 80 346 118 342"), chest);
    g.stroke();
    const swing = -this.lag(1) * 14;
    for (const steps of [SHAPES.tail, mirrored(SHAPES.tail)]) {
      this.trace(steps, (x, y) => chest(x - swing * clamp((y - 410) / 90), y));
      this.paint("#3fc49b", 4, "#1c6b55");
    }
    for (const steps of [SHAPES.bow, mirrored(SHAPES.bow)]) {
      this.trace(steps, chest);
      this.paint("#5fe6b8", 4, "#1c6b55");
    }
    const [x, y] = chest(0, 408);
    g.save();
    g.translate(x, y);
    this.bar(0, 0, 17, 0);
    g.restore();
  }

  // Four squares of chocolate.
  bar(x, y, half, turn) {
    const { g } = this;
    g.save();
    g.translate(x, y);
    g.rotate(turn);
    g.beginPath();
    g.rect(-half, -half, 2 * half, 2 * half);
    this.paint("#7a4528", 4);
    g.fillStyle = "#96593a";
    for (const i of [-1, 1]) for (const j of [-1, 1]) g.fillRect(i * half * 0.5 - half * 0.34, j * half * 0.5 - half * 0.34, half * 0.68, half * 0.68);
    g.restore();
  }

  face() {
    const { g, v, marks } = this;
    const round = (x, y) => 70 + 90 * Math.sqrt(Math.max(0, 1 - (x / 190) ** 2 - ((y - 20) / 260) ** 2));
    const puff = v("CheekPuff") * 12 + marks.rage * 4;
    const skin = this.turn(40);
    const cheeky = (x, y) => skin(x + Math.sign(x) * puff * Math.exp(-(((y - 130) / 50) ** 2)), y);
    this.trace(SHAPES.face, cheeky);
    this.paint(this.down(-100, 230, "#fff1e6", "#ffe4d3"), 4, "#9a5a40");
    g.save();
    g.clip();
    const blush = 0.4 + 0.35 * marks.smile + 0.3 * marks.stars + 0.4 * marks.rage + 0.3 * v("CheekPuff");
    for (const side of [-1, 1]) {
      const [x, y] = this.turn(round)(side * 116, 128);
      const pink = g.createRadialGradient(x, y, 2, x, y, 50);
      pink.addColorStop(0, `rgba(255, 120, 120, ${clamp(blush, 0, 0.85)})`);
      pink.addColorStop(1, "rgba(255, 120, 120, 0)");
      g.fillStyle = pink;
      g.fillRect(x - 60, y - 40, 120, 80);
    }
    this.trace(SHAPES.shadow, (x, y) => {
      const p = this.turn(130)(x, y);
      return [p[0] * 1.01 + this.lag(0) * 4, p[1] + 12];
    });
    g.fillStyle = "rgba(214, 130, 100, .38)";
    g.fill();
    if (marks.shock > 0.02) { // pale
      g.globalAlpha = marks.shock * 0.35;
      g.fillStyle = this.down(-80, 60, "#7a8fd0", "rgba(122, 143, 208, 0)");
      g.fillRect(-220, -120, 440, 190);
      g.globalAlpha = 1;
    }
    g.restore();
    this.eye(-1, v("EyeOpenRight"), v("EyeRightX"), v("EyeRightY"), round);
    this.eye(1, v("EyeOpenLeft"), v("EyeLeftX"), v("EyeLeftY"), round);
    const [nx, ny] = this.turn(190)(0, 116);
    g.beginPath();
    g.moveTo(nx - 3 + this.yaw * 6, ny - 4);
    g.quadraticCurveTo(nx + 5 + this.yaw * 12, ny + 1, nx + this.yaw * 6, ny + 5);
    g.lineWidth = 3.5;
    g.strokeStyle = "#c98468";
    g.stroke();
    this.mouth();
  }

  eye(side, opening, lookX, lookY, round) {
    const { g, marks } = this;
    const [x, y] = this.turn(round)(side * 88, 56);
    const narrow = Math.cos(this.yaw) * (1 - side * this.yaw * 0.22) * side;
    const open = clamp(opening + marks.shock * 0.04, 0, 1.1) * (1 - marks.smile) * (1 - 0.1 * marks.rage);
    const shut = mix(26, -36, marks.smile); // how far the line of a closed eye bends
    const up = mix(shut, -76, open);
    const low = mix(shut, 62, open);
    const slant = marks.rage * 14 - marks.tears * 12; // the lid is lower inside, or outside
    const inner = mix(10, 14, open);
    g.save();
    g.translate(x, y);
    g.scale(narrow * 1.09, 1.09); // outside is to the right
    const upper = (lift) => {
      g.moveTo(-48, inner);
      g.bezierCurveTo(-38, up * 0.98 + slant - lift, 22, up * 1.06 - slant * 0.4 - lift, 52, mix(2, -6, open));
    };
    if (open > 0.05) {
      g.save();
      g.beginPath();
      upper(0);
      g.bezierCurveTo(48, low * 0.9, -34, low, -48, inner);
      g.closePath();
      g.fillStyle = this.down(-50, 30, "#e9d9d6", "#ffffff");
      g.fill();
      g.clip();
      this.iris(clamp(lookX, -1.2, 1.2) * side, lookY);
      g.restore();
      g.beginPath(); // lower lashes
      g.moveTo(42, mix(10, 26, open));
      g.quadraticCurveTo(20, low * 0.76, -8, low * 0.78);
      g.lineWidth = 3;
      g.strokeStyle = "#8a4a33";
      g.stroke();
      if (open > 0.4) { // crease of the lid
        g.beginPath();
        g.moveTo(-30, up * 0.62 - 14 + slant);
        g.quadraticCurveTo(6, up * 0.98 - 12, 40, up * 0.36 - 10);
        g.lineWidth = 2.5;
        g.strokeStyle = "rgba(154, 90, 64, .7)";
        g.stroke();
      }
    }
    g.beginPath(); // upper lashes, thick in the middle
    upper(0);
    g.lineTo(66, mix(-6, -18, open));
    g.bezierCurveTo(58, -16 + up * 0.1, 30, up * 1.06 - slant * 0.4 - mix(9, 15, open), -2, up * 0.92 + slant * 0.4 - mix(8, 14, open));
    g.bezierCurveTo(-26, up * 0.86 + slant - mix(6, 8, open), -44, inner - 14, -52, inner + 4);
    g.closePath();
    g.fillStyle = INK;
    g.fill();
    g.beginPath();
    g.moveTo(50, mix(0, -8, open));
    g.quadraticCurveTo(66, mix(6, 0, open), 72, mix(0, -10, open));
    g.lineWidth = 6;
    g.strokeStyle = INK;
    g.stroke();
    g.restore();
  }

  iris(lookX, lookY) {
    const { g, marks } = this;
    const k = mix(1, 0.72, marks.shock) * mix(1, 1.06, marks.stars);
    const x = lookX * 17;
    const y = 2 - lookY * 15;
    const rx = 38 * k;
    const ry = 49 * k;
    this.ellipse(x, y, rx, ry);
    this.paint(this.down(y - ry, y + ry, "#38190e", "#8a4420", "#f0a04a"), 4, "#38190e");
    this.ellipse(x, y + ry * 0.52, rx * 0.62, ry * 0.32);
    g.fillStyle = "rgba(255, 226, 150, .75)";
    g.fill();
    this.ellipse(x, y - 2, rx * 0.4, ry * 0.46);
    g.fillStyle = "#240e07";
    g.fill();
    if (marks.stars > 0.05) {
      g.fillStyle = `rgba(255, 244, 190, ${clamp(marks.stars)})`;
      this.star(x, y, 27 * marks.stars * (1 + 0.08 * Math.sin(this.age * 9)), 0.45);
      g.fill();
    }
    const shake = marks.tears * 2 * Math.sin(this.age * 11);
    const plain = 1 - ramp(marks.stars, 0.2, 0.7);
    g.fillStyle = "#fff";
    this.ellipse(x - mix(22, 13, plain) * k + shake, y - mix(27, 20, plain) * k, mix(6, 12, plain) * k, mix(7, 14, plain) * k, -0.4);
    g.fill();
    this.ellipse(x + 15 * k - shake, y + 22 * k, (5 + 4 * marks.tears) * k, (6 + 3 * marks.tears) * k);
    g.fill();
    this.ellipse(x + 17 * k, y - 13 * k, 4 * k * plain, 4 * k * plain);
    g.fill();
  }

  star(x, y, r, waist) {
    this.g.beginPath();
    for (let i = 0; i < 10; i++) {
      const a = (i * Math.PI) / 5 - Math.PI / 2;
      const d = i % 2 ? r * waist : r;
      this.g[i ? "lineTo" : "moveTo"](x + d * Math.cos(a), y + d * Math.sin(a));
    }
    this.g.closePath();
  }

  mouth() {
    const { g, v, marks } = this;
    let w = 1;
    let h = 0.85;
    let round = 0;
    const vowels = [["A", 1.05, 1.1, 0.1], ["I", 1.3, 0.42, 0], ["U", 0.5, 0.62, 1], ["E", 1.18, 0.68, 0], ["O", 0.68, 1.05, 1]];
    const sum = vowels.reduce((all, [name]) => all + Math.max(0, v(`Voice${name}`)), 0);
    const share = clamp(sum * 1.6);
    if (sum > 0.01) {
      const of = (i) => vowels.reduce((all, one) => all + (Math.max(0, v(`Voice${one[0]}`)) / sum) * one[i], 0);
      w = mix(w, of(1), share);
      h = mix(h, of(2), share);
      round = mix(0, of(3), share);
    }
    const open = clamp(Math.max(v("MouthOpen"), marks.shock * 0.34, marks.stars * 0.42, marks.smile * 0.22), 0, 1.2);
    round = Math.max(round, marks.shock * (1 - share));
    const smile = clamp(v("MouthSmile"), -0.2, 1.2);
    const wide = (26 + 17 * smile) * w * mix(1, 0.62, marks.shock * (1 - share));
    const curve = (smile - 0.22) * 30 * (1 - round * 0.6) - marks.rage * 5;
    const [mx, my] = this.turn(168)(v("MouthX") * 14, 162);
    const tall = 62 * open * h * mix(1, 1.25, round);
    g.save();
    g.translate(mx, my - open * 5);
    g.scale(Math.cos(this.yaw), 1);
    const top = curve * 0.5 - mix(0, tall * 0.3, round);
    const bottom = curve * 1.1 + tall;
    const outline = () => {
      g.beginPath();
      g.moveTo(-wide, -curve * 0.4 + tall * 0.1 * round);
      g.bezierCurveTo(-wide * 0.55, top, wide * 0.55, top, wide, -curve * 0.4 + tall * 0.1 * round);
      g.bezierCurveTo(wide * mix(0.86, 1, round), bottom, -wide * mix(0.86, 1, round), bottom, -wide, -curve * 0.4 + tall * 0.1 * round);
      g.closePath();
    };
    if (open > 0.03) {
      outline();
      g.fillStyle = this.down(-10, Math.max(12, bottom), "#7c2430", "#a8384a");
      g.fill();
      g.save();
      g.clip();
      this.ellipse(0, bottom * 0.78, wide * 0.62, Math.max(6, tall * 0.34));
      g.fillStyle = "#ff8f93";
      g.fill();
      if (round < 0.6 && tall > 12) {
        g.beginPath();
        g.moveTo(-wide * 0.8, -20);
        g.quadraticCurveTo(0, top * 0.8 + Math.min(11, tall * 0.24) * 1.6, wide * 0.8, -20);
        g.fillStyle = "#fffaf5";
        g.fill();
      }
      g.restore();
      outline();
    } else {
      g.beginPath();
      g.moveTo(-wide, -curve * 0.4);
      g.bezierCurveTo(-wide * 0.5, curve * 0.75, wide * 0.5, curve * 0.75, wide, -curve * 0.4);
    }
    g.lineWidth = 4.5;
    g.strokeStyle = "#8c3b34";
    g.stroke();
    const tongue = v("TongueOut");
    if (tongue > 0.05) {
      this.ellipse(0, curve * 0.6 + tall * 0.5 + 10 * tongue, 15, 16 * tongue);
      this.paint("#ff8f93", 3, "#8c3b34");
    }
    g.restore();
  }

  front() {
    const { g } = this;
    const brown = this.down(-270, 60, "#7d4a2e", "#5e3420", "#4a2717");
    for (const steps of [SHAPES.lock, mirrored(SHAPES.lock)]) {
      this.trace(steps, this.turn(60, 70));
      this.paint(this.down(-80, 300, "#5e3420", "#6d3c24", "#8a5233"), 4.5);
    }
    const depth = (x) => 150 - Math.abs(x) * 0.55;
    const fringe = (x, y) => {
      const p = this.turn(depth)(x, y);
      return [p[0] + this.lag(0) * 12 * clamp((y + 120) / 160), p[1] - this.bounce.v * 1.5 * clamp((y + 120) / 160)];
    };
    this.trace(SHAPES.ahoge, (x, y) => fringe(x + this.lag(1) * 26 * clamp((-250 - y) / 90), y));
    this.paint("#7d4a2e", 4.5);
    this.trace(SHAPES.bangs, fringe);
    this.paint(brown, 5);
    g.fillStyle = "rgba(240, 178, 128, .55)";
    for (const steps of [SHAPES.shine, SHAPES.shine2]) {
      this.trace(steps, (x, y) => fringe(x * 0.98 - this.yaw * 16, y + 26 - this.pitch * 20));
      g.fill();
    }
    g.strokeStyle = "rgba(52, 24, 12, .6)";
    g.lineWidth = 3;
    for (const steps of ["M 52 -90 C 50 -130 40 -170 22 -200", "M -26 -92 C -20 -130 -14 -160 -2 -190", "M 122 -72 C 118 -110 104 -140 86 -164", "M -118 -76 C -112 -110 -98 -140 -80 -166"]) {
      this.trace(path(steps), fringe);
      g.stroke();
    }
    this.brow(-1, this.v("BrowRightY"), this.v("AIsChocoBrowRAngle"));
    this.brow(1, this.v("BrowLeftY"), this.v("AIsChocoBrowLAngle"));
    for (const side of [-1, 1]) this.ribbon(side, this.turn(60));
    const [x, y] = fringe(132, -104);
    this.bar(x, y, 25, 0.35 + this.yaw * 0.3);
  }

  ribbon(side, fold) {
    const { g } = this;
    const [x, y] = fold(side * 112, -204);
    g.save();
    g.translate(x, y);
    g.scale(side, 1);
    g.rotate(0.55);
    for (const turn of [1, -1]) {
      g.beginPath();
      g.moveTo(0, 0);
      g.bezierCurveTo(turn * 14, -30, turn * 50, -32, turn * 50, -8);
      g.bezierCurveTo(turn * 52, 20, turn * 20, 22, 0, 0);
      this.paint("#5fe6b8", 4, "#1c6b55");
    }
    this.ellipse(0, 0, 11, 12);
    this.paint("#3fc49b", 4, "#1c6b55");
    g.restore();
  }

  brow(side, height, angle) {
    const { g, marks } = this;
    const lift = (height - 0.5) * 46 + (this.v("Brows") - 0.5) * 20 + marks.shock * 4;
    const tilt = angle * 16 + marks.tears * 4 - (this.v("FaceAngry") * 10 + marks.rage * 5);
    const fold = this.turn(150);
    const at = (x, y) => fold(side * x, y);
    const a = at(52, -12 - lift - tilt);
    const b = at(88, -30 - lift);
    const c = at(126, -10 - lift + tilt * 0.5);
    g.beginPath();
    g.moveTo(...a);
    g.quadraticCurveTo(...b, ...c);
    g.lineWidth = 9;
    g.strokeStyle = "#3a1b0e";
    g.stroke();
  }

  // Tears, a vein, sparkles: what a comic artist draws beside a face.
  signs() {
    const { g, marks } = this;
    const grown = (name) => ramp(marks[name], 0.35, 0.9);
    if (grown("tears") > 0) {
      for (const side of [-1, 1]) {
        const [x, y] = this.turn(150)(side * 104, 104);
        const fall = ((this.age * 0.45 + (side > 0 ? 0.4 : 0)) % 1) * 34;
        g.globalAlpha = grown("tears") * (1 - ramp(fall, 22, 34));
        g.beginPath();
        g.moveTo(x, y + fall - 18);
        g.bezierCurveTo(x + 16, y + fall + 8, x + 10, y + fall + 18, x, y + fall + 18);
        g.bezierCurveTo(x - 10, y + fall + 18, x - 16, y + fall + 8, x, y + fall - 18);
        this.paint("#a8dcff", 3, "#5aa2d6");
      }
    }
    if (grown("rage") > 0) {
      const [x, y] = this.turn(120)(-118, -150);
      const k = grown("rage") * (1 + 0.08 * Math.sin(this.age * 12));
      g.globalAlpha = grown("rage");
      g.save();
      g.translate(x, y);
      g.scale(k, k);
      g.strokeStyle = "#ff4d5e";
      g.lineWidth = 9;
      for (let i = 0; i < 4; i++) {
        g.rotate(Math.PI / 2);
        g.beginPath();
        g.moveTo(8, 32);
        g.quadraticCurveTo(9, 9, 32, 8);
        g.stroke();
      }
      g.restore();
    }
    if (grown("shock") > 0) {
      g.globalAlpha = grown("shock");
      g.strokeStyle = "#ffd45e";
      g.lineWidth = 9;
      for (const angle of [-0.5, -0.2, 0.1]) {
        const [x, y] = this.turn(0)(214, -96);
        g.beginPath();
        g.moveTo(x + 30 * Math.cos(angle - 0.4), y + 30 * Math.sin(angle - 0.4) + angle * 60);
        g.lineTo(x + 68 * Math.cos(angle - 0.4), y + 68 * Math.sin(angle - 0.4) + angle * 90);
        g.stroke();
      }
    }
    if (grown("stars") > 0 || grown("smile") > 0) {
      const spots = [[-238, -60, 22], [244, 20, 26], [-226, 96, 15], [232, -128, 16]];
      spots.forEach(([x, y, r], i) => {
        const k = 0.5 + 0.5 * Math.sin(this.age * 3.2 + i * 1.9);
        g.globalAlpha = k * Math.max(grown("stars"), grown("smile") * 0.55);
        this.star(x, y + 4 * Math.sin(this.age * 2 + i), r * (0.7 + 0.5 * k), 0.42);
        this.paint(grown("stars") >= grown("smile") ? "#ffe27a" : "#ffb3c8", 3, "#fff8e0");
      });
    }
    g.globalAlpha = 1;
  }
}
