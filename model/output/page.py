"""The fixed parts of the HTML page: its style sheet and its script; the page fetches nothing."""

from __future__ import annotations

__all__ = ["SCRIPT", "STYLE"]

STYLE = """
:root { color-scheme: light dark; --page: #f4f5f7; --sheet: #fff; --ink: #1c2330; --soft: #5a6475; --line: #dfe3ea;
  --focus: #1a5fd0; --tint: 13%; --lift: 0%; --shadow: 0 1px 2px #0f172a14, 0 8px 28px #0f172a12; }
@media (prefers-color-scheme: dark) { :root { --page: #12151b; --sheet: #1a1f28; --ink: #e4e8ef; --soft: #9aa6b8;
  --line: #303846; --focus: #8ab4ff; --tint: 26%; --lift: 38%; --shadow: 0 1px 2px #0006, 0 8px 28px #0005; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
.page { display: grid; grid-template-columns: minmax(0, 48rem) 19rem; gap: 2rem; justify-content: center;
  padding: 2.5rem 1.5rem 4rem; }
article, .rows { background: var(--sheet); border-radius: 14px; box-shadow: var(--shadow); padding: 2rem 2.5rem 2.2rem;
  margin-bottom: 2rem; }
h1 { font-size: 1rem; margin: 0 0 .2rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
.count { color: var(--soft); font-size: .87rem; margin: .2rem 0 0; }
.strip { display: flex; height: 12px; margin: 1rem 0 .8rem; border-radius: 6px; overflow: hidden; gap: 1px;
  background: var(--line); }
.strip a { flex: 1 1 0; min-width: 0; background: var(--k, transparent); }
.mix { display: flex; flex-wrap: wrap; gap: .35rem .4rem; margin: 0 0 1.4rem; padding: 0 0 1.3rem; list-style: none;
  border-bottom: 1px solid var(--line); }
.text { font: 1.12rem/1.95 Charter, "PT Serif", "Iowan Old Style", Georgia, "Noto Serif", "DejaVu Serif", serif;
  overflow-wrap: anywhere; hyphens: auto; }
.text p { margin: 0 0 1.05em; }
.text p:last-child { margin-bottom: 0; }
.text .title { font-size: 1.22em; line-height: 1.7; font-weight: 600; }
.t { --k: color-mix(in oklab, var(--c) calc(100% - var(--lift)), white); }
.s { border-radius: 3px; background: none; color: inherit; }
mark.s { background: color-mix(in srgb, var(--k) var(--tint), transparent); box-shadow: inset 0 -2px 0 var(--k);
  padding: .12em .18em; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.s:hover { outline: 1.5px solid var(--k, var(--line)); outline-offset: 1px; }
.chips { white-space: normal; user-select: none; -webkit-user-select: none; }
.chip { display: inline-flex; align-items: center; gap: .35em; white-space: nowrap; vertical-align: .08em;
  font: 600 .7rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  color: var(--ink); background: var(--sheet); border: 1px solid color-mix(in srgb, var(--k) 55%, var(--sheet));
  border-radius: 99px; padding: .02em .6em .02em .45em; margin-left: .1em; }
.chip::before, .dot { content: ""; width: .62em; height: .62em; border-radius: 50%; background: var(--k); flex: none; }
.mix .chip { margin: 0; font-size: .78rem; font-weight: 500; }
.mix b { font-variant-numeric: tabular-nums; }
.cut { cursor: help; }
.tip { display: none; }
.s:hover > .tip, .s:focus > .tip { display: grid; }
.tip { position: fixed; right: 1rem; bottom: 1rem; z-index: 9; width: 21rem; max-width: calc(100vw - 2rem);
  gap: .3rem .7rem; grid-template-columns: 1fr 5.5rem 2.4rem; align-items: center;
  background: var(--sheet); color: var(--ink);
  border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 10px 34px #0004; padding: .7rem .9rem;
  font: .8rem/1.35 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  hyphens: manual; pointer-events: none; user-select: none; -webkit-user-select: none; }
.tip i { height: 7px; border-radius: 4px;
  background: linear-gradient(90deg, var(--k) var(--w), var(--line) var(--w)); }
.tip u { text-decoration: none; text-align: right; font-variant-numeric: tabular-nums; }
.tip .no { color: var(--soft); }
aside { position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow: auto;
  padding: 2px 4px 4px; }
aside p { color: var(--soft); font-size: .82rem; margin: 0 0 .8rem; }
aside ul { list-style: none; margin: 0 0 1rem; padding: 0; }
.topic { all: unset; box-sizing: border-box; display: grid; grid-template-columns: auto 1fr auto; gap: .1rem .6rem;
  align-items: center; width: 100%; padding: .42rem .6rem .5rem; border-radius: 8px; cursor: pointer;
  font-size: .9rem; line-height: 1.3; border: 1px solid transparent; }
.topic:hover { background: var(--sheet); }
.topic[aria-pressed=true] { background: var(--sheet); border-color: var(--k); box-shadow: var(--shadow); }
.topic[disabled] { color: var(--soft); cursor: default; background: none; }
.topic .dot { width: .8rem; height: .8rem; border-radius: 4px; }
.topic .num { font-weight: 600; font-variant-numeric: tabular-nums; }
.topic .bar { grid-column: 2 / 4; height: 4px; border-radius: 2px;
  background: linear-gradient(90deg, var(--k) var(--w), var(--line) var(--w)); }
:focus-visible { outline: 2.5px solid var(--focus) !important; outline-offset: 2px; }
.tools { display: grid; gap: .5rem; font-size: .85rem; justify-items: start; padding-left: .6rem; }
.tools button { font: inherit; color: var(--focus); background: none; border: 0; padding: 0; cursor: pointer;
  text-decoration: underline; }
.js-only, body:not(.filtered) #reset { display: none; }
.js .js-only { display: block; }
.js body:not(.filtered) #reset { visibility: hidden; }
body:has(#names:not(:checked)) .chips .chip { font-size: 0; gap: 0; padding: 0; border: 0; background: none;
  margin-left: .22rem; }
body:has(#names:not(:checked)) .chips .chip::before { width: .6rem; height: .6rem; }
.filtered .s:not(.hit) { background: none; box-shadow: none; color: color-mix(in srgb, var(--ink) 42%, transparent); }
.filtered .s:not(.hit):focus, .filtered .s:not(.hit):hover { color: var(--ink); }
.filtered .s:not(.hit) + .chips { opacity: .38; }
.filtered .strip a:not(.hit) { opacity: .15; }
.filtered .row:not(:has(.hit)) { display: none; }
.row { display: grid; grid-template-columns: 3.4rem minmax(0, 1fr); border-top: 1px solid var(--line);
  padding: .75rem 0 .7rem; }
.rows h2 { margin-bottom: 1.1rem; }
.row:last-child { padding-bottom: 0; }
.row .text { font-size: 1.02rem; line-height: 1.8; }
.row > a { color: var(--soft); font-size: .8rem; line-height: 2.2; text-decoration: none;
  font-variant-numeric: tabular-nums; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 60rem) { .page { grid-template-columns: minmax(0, 48rem); padding: 1rem .8rem 3rem; gap: 1rem; }
  aside { position: static; order: -1; max-height: none; }
  aside ul { display: flex; flex-wrap: wrap; gap: .2rem; }
  .topic { width: auto; grid-template-columns: auto auto auto; } .topic .bar, .topic[disabled] { display: none; }
  article, .rows { padding: 1.3rem 1.2rem; } }
@media print { :root { --page: #fff; --sheet: #fff; --ink: #000; --soft: #444; --line: #ccc; --lift: 0%; --tint: 12%;
  --shadow: none; color-scheme: light; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .page { display: flex; flex-direction: column; padding: 0; gap: 0; }
  aside { order: -1; position: static; max-height: none; } aside ul { columns: 2; }
  aside li, .row { break-inside: avoid; } .topic[disabled], .tools, .tip, aside > .js-only { display: none !important; }
  article, .rows { padding: 0; margin: 0 0 1.5rem; } .text { font-size: 10.5pt; line-height: 1.8; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
"""

# Filters by topic and puts the scores beside the sentence; without it they stand in the corner of the window.
SCRIPT = """
(() => {
  const root = document.documentElement, body = document.body, wanted = new Set();
  const all = [...document.querySelectorAll('[data-t]:not(button)')];
  const buttons = [...document.querySelectorAll('.topic')];
  const status = document.getElementById('shown'), sentences = document.querySelectorAll('.s').length;
  root.classList.add('js');
  const show = () => {
    let hits = 0;
    for (const item of all) {
      const hit = item.dataset.t.split(' ').some(topic => wanted.has(topic));
      item.classList.toggle('hit', hit);
      hits += hit && item.classList.contains('s');
    }
    body.classList.toggle('filtered', wanted.size > 0);
    for (const button of buttons) button.setAttribute('aria-pressed', wanted.has(button.dataset.t));
    const text = status.dataset.text.replace('#', hits).replace('#', sentences);
    status.textContent = wanted.size ? text : status.dataset.hint;
  };
  for (const button of buttons) button.addEventListener('click', () => {
    if (!wanted.delete(button.dataset.t)) wanted.add(button.dataset.t);
    show();
  });
  const reset = () => { wanted.clear(); show(); };
  document.getElementById('reset').addEventListener('click', reset);
  document.addEventListener('keydown', event => { if (event.key === 'Escape') reset(); });
  const place = event => {
    const sentence = event.target.closest && event.target.closest('.s');
    const tip = sentence && sentence.querySelector('.tip');
    if (!tip || innerWidth < 960) return;
    const boxes = sentence.getClientRects(), last = boxes[boxes.length - 1], first = boxes[0];
    const below = last.bottom + tip.offsetHeight + 12 < innerHeight;
    tip.style.right = tip.style.bottom = 'auto';
    tip.style.left = Math.max(8, Math.min(first.left, last.left, innerWidth - tip.offsetWidth - 8)) + 'px';
    tip.style.top = Math.max(8, below ? last.bottom + 6 : first.top - tip.offsetHeight - 6) + 'px';
  };
  document.addEventListener('mouseover', place);
  document.addEventListener('focusin', place);
  show();
})();
"""
