/** The page's style; nothing is loaded from anywhere. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--panel:#f5f6f8;--ink:#1b1f27;--dim:#5b6472;--rule:#d9dde3;--yes:#1a7f4b;--no:#b3261e;--unknown:#8a5a00;--proven:#2563a8;--candidates:#d08a1d;--abusive:#b3261e;--soft:#e8edf5}
@media (prefers-color-scheme:dark){:root{--ground:#14171c;--panel:#1d2128;--ink:#e6e9ee;--dim:#9aa4b2;--rule:#333a45;--yes:#4cc38a;--no:#f2766b;--unknown:#e0b04c;--proven:#6ea8ea;--candidates:#e2ae55;--abusive:#f2766b;--soft:#26303e}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:32px 24px 64px;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header h1{margin:0;font-size:28px;line-height:1.2}
header p{margin:4px 0;color:var(--dim)}
h2{margin:44px 0 12px;font-size:20px;border-bottom:1px solid var(--rule);padding-bottom:6px}
h3{margin:20px 0 8px;font-size:16px}
p{margin:8px 0}
.gates{display:grid;gap:12px;margin:24px 0 16px}
.gate{display:grid;grid-template-columns:auto 1fr;gap:4px 20px;align-items:center;padding:18px 22px;background:var(--panel);border-left:6px solid var(--unknown);border-radius:6px}
.gate.yes{border-color:var(--yes)}.gate.no{border-color:var(--no)}
.gate b{grid-row:span 2;font-size:34px;line-height:1;color:var(--unknown)}
.gate.yes b{color:var(--yes)}.gate.no b{color:var(--no)}
.gate .question{font-weight:600;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0}
.figures div{padding:12px 16px;background:var(--panel);border-radius:6px}
.figures strong{display:block;font-size:24px;line-height:1.2;font-variant-numeric:tabular-nums}
.figures span{color:var(--dim)}
table{width:100%;border-collapse:collapse;font-size:14px}
th{text-align:left;font-weight:600;color:var(--dim);border-bottom:1px solid var(--rule);padding:6px 10px 6px 0}
td{border-bottom:1px solid var(--rule);padding:6px 10px 6px 0;vertical-align:top;overflow-wrap:anywhere}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.scroll{overflow-x:auto}
.tag{display:inline-block;padding:0 8px;border-radius:10px;background:var(--soft);font-size:12.5px;white-space:nowrap}
.tag.proven{background:var(--proven);color:var(--ground)}.tag.candidate{background:var(--candidates);color:var(--ground)}.tag.attack{background:var(--abusive);color:var(--ground)}
figure{margin:12px 0}
svg{display:block;width:100%;height:auto;font:12px system-ui,sans-serif}
svg text{fill:var(--dim)}
svg .grid{stroke:var(--rule);stroke-width:1}
rect.proven,i.proven{fill:var(--proven);background:var(--proven)}
rect.candidates,i.candidates{fill:var(--candidates);background:var(--candidates)}
rect.abusive,i.abusive{fill:var(--abusive);background:var(--abusive)}
rect.other,i.other{fill:var(--dim);background:var(--dim)}
figcaption{display:flex;flex-wrap:wrap;gap:4px 20px;color:var(--dim);font-size:13px}
.key i{display:inline-block;width:10px;height:10px;margin-right:6px;border-radius:2px}
svg.spark{width:160px;height:28px}
details{border:1px solid var(--rule);border-radius:6px;margin:10px 0;background:var(--panel)}
summary{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline;padding:10px 16px;cursor:pointer}
summary strong{overflow-wrap:anywhere}
summary .end{margin-left:auto;color:var(--dim);font-variant-numeric:tabular-nums}
.body{padding:4px 16px 14px}
dl{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;gap:4px 18px;margin:8px 0;font-size:14px}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
pre{margin:8px 0;padding:10px 12px;background:var(--ground);border:1px solid var(--rule);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.45 ui-monospace,SFMono-Regular,Consolas,monospace}
.proof{margin:8px 0;padding:8px 12px;background:var(--ground);border:1px solid var(--rule);border-radius:4px}
.proof dl{font-size:13px;margin:4px 0}
.proof small{color:var(--dim)}
a{color:inherit;text-decoration-color:var(--dim);text-underline-offset:3px}
.dim{color:var(--dim)}
ul,ol{padding-left:22px}
li{margin:4px 0}
@media (max-width:640px){body{padding:20px 14px 40px}dl{grid-template-columns:1fr}dt{margin-top:6px}}
@media print{
:root{color-scheme:light;--ground:#fff;--panel:#f5f6f8;--ink:#000;--dim:#444;--rule:#bbb;--yes:#1a7f4b;--no:#b3261e;--unknown:#8a5a00;--proven:#2563a8;--candidates:#d08a1d;--abusive:#b3261e;--soft:#e8edf5}
@page{margin:16mm}
body{max-width:none;padding:0;font-size:10.5pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
details::details-content{content-visibility:visible;display:block;height:auto}
details,figure,.gate,.proof,tr{break-inside:avoid}
h2,h3{break-after:avoid}
section.first{break-after:page}
summary{list-style:none}
}
`;
