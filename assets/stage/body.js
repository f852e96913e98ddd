// What of Choco is behind and below her face: hair, buns, neck, clothes.

import { Brush } from "./brush.js";
import { clamp, path, mirrored, SHAPES } from "./shapes.js";

export class Body extends Brush {
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
}
