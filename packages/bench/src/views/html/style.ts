// How the report looks: light, dark by the reader's setting, and paper. Nothing is loaded.

const LIGHT = `
  --paper: #ffffff; --card: #f7f8fa; --ink: #1c2430; --soft: #5a6675; --rule: #d9dee5; --good: #14734a; --bad: #b3261e; --open: #8a5a00;
  --c0: #1f6fc4; --c1: #d1600a; --c2: #1a8a5f; --c3: #a0389b; --c4: #a88400; --c5: #c22f4f; --c6: #2ba3d4; --c7: #7a5230;`;
const DARK = `
  --paper: #12161c; --card: #1a2029; --ink: #e8ecf1; --soft: #9aa7b6; --rule: #303946; --good: #5fd39b; --bad: #ff8a80; --open: #f0bf5a;
  --c0: #6cb2ff; --c1: #ff9d4d; --c2: #55cf9c; --c3: #df8ddb; --c4: #e0c34e; --c5: #ff7f98; --c6: #7fe0ff; --c7: #c9a27c;`;

export const PALETTE_SIZE = 8;
const colors = Array.from({ length: PALETTE_SIZE }, (_, i) => `.c-${i} { --c: var(--c${i}); }`).join(' ');

export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 28px 24px 48px; }
h1 { font-size: 26px; margin: 0 0 4px; line-height: 1.25; } h2 { font-size: 19px; margin: 36px 0 6px; }
p { margin: 4px 0 10px; max-width: 90ch; } .soft, figcaption small { color: var(--soft); }
.headline { max-width: none; font-size: 17px; font-weight: 600; padding: 10px 14px; border-left: 5px solid var(--mood); background: var(--card); margin: 14px 0; }
.good { --mood: var(--good); } .bad { --mood: var(--bad); } .open { --mood: var(--open); }
dl.facts { display: flex; flex-wrap: wrap; gap: 2px 22px; margin: 10px 0; } dl.facts div { display: flex; gap: 6px; } dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 10px; margin: 16px 0; }
.tiles div { background: var(--card); border-radius: 6px; padding: 10px 14px; } .tiles b { display: block; font-size: 22px; font-variant-numeric: tabular-nums; } .tiles span { color: var(--soft); font-size: 13px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 5px 8px; border-bottom: 1px solid var(--rule); text-align: left; white-space: nowrap; } th { color: var(--soft); font-weight: 600; white-space: normal; vertical-align: bottom; } .number { text-align: right; }
tbody tr:hover { background: var(--card); }
.charts { display: grid; gap: 18px 20px; } .two { grid-template-columns: 1fr 1fr; } .three { grid-template-columns: 1fr 1fr 1fr; }
figure { margin: 0; min-width: 0; } figure.wide { grid-column: 1 / -1; } figcaption { font-weight: 600; font-size: 14px; margin-bottom: 2px; } svg { display: block; width: 100%; height: auto; overflow: visible; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 4px 0 10px; padding: 0; list-style: none; font-size: 13.5px; } .legend svg { display: inline-block; width: 26px; height: 10px; margin-right: 6px; }
svg text { font-size: 11.5px; fill: var(--soft); } .labels text { fill: var(--ink); font-size: 12px; }
.grid line { stroke: var(--rule); } .grid .base, .ticks line { stroke: var(--soft); }
${colors} .c-bad { --c: var(--bad); }
path { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linejoin: round; } .dashed { stroke-dasharray: 5 4; } .faint { opacity: 0.45; }
path.area { fill: var(--c); fill-opacity: 0.18; stroke-width: 1.3; } path.band { fill: var(--c); fill-opacity: 0.85; stroke: none; } path.dots { stroke-width: 3.6; stroke-linecap: round; opacity: 0.75; }
.mark .full, .legend .full { fill: var(--c); } .mark .hollow { fill: var(--paper); stroke: var(--c); stroke-width: 2; } .ring { fill: none; stroke: var(--c); stroke-width: 1.2; } .mark text { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; } .whisker { stroke: var(--c); stroke-width: 1.6; opacity: 0.7; }
.level line { stroke: var(--open); stroke-dasharray: 6 4; } .level text { fill: var(--open); }
.forest { --c: var(--mood); } .forest .full { fill: var(--c); } .forest text { fill: var(--ink); } .forest.open { --c: var(--soft); }
ul.notes { padding-left: 20px; } ul.notes li { margin: 3px 0; overflow-wrap: anywhere; } ul.notes .bad { color: var(--bad); }
dl.words { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; font-size: 13.5px; } dl.words dt { font-weight: 600; } dl.words dd { margin: 0; color: var(--soft); }
@media screen and (max-width: 800px) { .two, .three { grid-template-columns: 1fr; } dl.words { grid-template-columns: 1fr; } }
@page { size: A4; margin: 12mm; }
@media print {
  :root { color-scheme: light; ${LIGHT} }
  body { font-size: 10.5px; } main { padding: 0; max-width: none; } h1 { font-size: 19px; } h2 { font-size: 14px; margin-top: 18px; break-after: avoid; }
  table { font-size: 7.4px; } th, td { padding: 2px 3px; } .scroll { overflow: visible; } .tiles b { font-size: 15px; } .tiles { grid-template-columns: repeat(6, 1fr); } .legend, dl.words, figcaption { font-size: 10px; }
  figure, tr, .tiles div { break-inside: avoid; } .tiles div, .headline { border: 1px solid var(--rule); border-left: 5px solid var(--mood, var(--rule)); }
}
`;
