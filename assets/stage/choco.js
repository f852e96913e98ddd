// Choco: a girl with truffle buns, drawn from paths on a canvas. Units: the head is about 400 wide, its middle at (0, 0),
// y goes down. Each point of the head has a depth, so that a turn moves near parts farther than distant ones.

import { Face } from "./face.js";
import { clamp, ramp, path, mirrored, SHAPES } from "./shapes.js";

export class Choco extends Face {
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
