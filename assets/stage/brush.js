// How anything of Choco is put on the canvas: paths that a fold bends, colours, simple shapes.

import { Motion } from "./motion.js";
import { clamp, mix, INK } from "./shapes.js";

export class Brush extends Motion {
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

  star(x, y, r, waist) {
    this.g.beginPath();
    for (let i = 0; i < 10; i++) {
      const a = (i * Math.PI) / 5 - Math.PI / 2;
      const d = i % 2 ? r * waist : r;
      this.g[i ? "lineTo" : "moveTo"](x + d * Math.cos(a), y + d * Math.sin(a));
    }
    this.g.closePath();
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
}
