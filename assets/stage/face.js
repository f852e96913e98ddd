// The face of Choco: skin, eyes, brows and mouth.

import { Body } from "./body.js";
import { clamp, mix, ramp, INK, SHAPES } from "./shapes.js";

export class Face extends Body {
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
}
