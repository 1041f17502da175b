/** Text that a page shows as it is. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export interface Page {
  readonly title: string;
  /** One line below the title. */
  readonly summary: string;
  /** HTML, escaped already. */
  readonly body: string;
}

/**
 * A page of its own in one file: no script, nothing loaded from elsewhere, readable in light and dark, on paper and on a
 * telephone. Safe to keep as evidence and to send by mail.
 */
export function renderPage({ title, summary, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>
:root { --ink: #1d2530; --dim: #5b6675; --line: #d8dee6; --paper: #fff; --soft: #f5f7fa; --red: #b3261e; --green: #1b6e3c; --amber: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --dim: #9aa5b4; --line: #333c48; --paper: #12161c; --soft: #1a2028; --red: #ff8a80; --green: #7bd99c; --amber: #ffc46b; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.summary { color: var(--dim); margin: 0 0 2rem; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; }
summary { cursor: pointer; padding: .6rem .9rem; display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
summary .name { font-weight: 600; overflow-wrap: anywhere; }
summary .count { color: var(--dim); margin-left: auto; }
.change { font-size: .8rem; border: 1px solid currentColor; border-radius: 99px; padding: 0 .5rem; }
.missing { color: var(--red); } .extra { color: var(--green); } .changed { color: var(--amber); }
.inside { padding: 0 .9rem .9rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; table-layout: fixed; }
th { text-align: left; color: var(--dim); font-weight: 500; }
th, td { border-top: 1px solid var(--line); padding: .35rem .6rem .35rem 0; vertical-align: top; }
td.value { font-family: ui-monospace, monospace; font-size: .82rem; overflow-wrap: anywhere; }
td.was { color: var(--red); } td.is { color: var(--green); }
.path { margin: 1rem 0 .25rem; font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; }
.empty { background: var(--soft); border-radius: 8px; padding: 1.25rem; }
@media print { details { break-inside: avoid; } }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="summary">${escapeHtml(summary)}</p>
${body}
</main>
</body>
</html>
`;
}
