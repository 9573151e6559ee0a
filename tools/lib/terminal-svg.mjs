// A terminal's screen, with its escape sequences, as a picture.

const [CELL_WIDTH, CELL_HEIGHT, FONT_SIZE] = [8.4, 18, 14];
const [GROUND, TEXT] = ['#1d1f21', '#d8d8d8'];
const BASIC = [
  '#000000',
  '#cc3333',
  '#3a9a3a',
  '#c4a000',
  '#3465a4',
  '#75507b',
  '#06989a',
  '#d3d7cf',
  '#555753',
  '#ef2929',
  '#8ae234',
  '#fce94f',
  '#729fcf',
  '#ad7fa8',
  '#34e2e2',
  '#ffffff',
];

/** @param screen rows with SGR sequences, as `tmux capture-pane -e` writes them */
export function svgOf(screen, title, [columns, rows]) {
  const [width, height] = [columns * CELL_WIDTH, rows * CELL_HEIGHT];
  const runs = rowCutter();
  const drawn = screen
    .split('\n')
    .slice(0, rows)
    .flatMap((row, y) => runs(row).map((run) => runSvg(run, y)))
    .filter(Boolean);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="${GROUND}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">`,
    ...drawn,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Cuts rows, in their order, where the style changes. A style goes on in the next row. */
function rowCutter() {
  let style = {};
  return (row) => {
    const runs = [];
    let x = 0;
    const take = (text) => {
      if (text === '') return;
      runs.push({ x, text, style });
      x += [...text].length;
    };
    const [first, ...rest] = row.split('\u001b[');
    take(first);
    for (const piece of rest) {
      const [, parameters, text] = /^([\d;]*)m(.*)$/s.exec(piece) ?? [piece, '', piece];
      style = styled(style, parameters);
      take(text);
    }
    return runs;
  };
}

function styled(before, parameters) {
  let style = before;
  const codes = (parameters || '0').split(';').map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 4) style = { ...style, underline: true };
    else if (code === 7) style = { ...style, reverse: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 24) style = { ...style, underline: false };
    else if (code === 27) style = { ...style, reverse: false };
    else if (code === 39) style = { ...style, fg: undefined };
    else if (code === 49) style = { ...style, bg: undefined };
    else if (code === 38 || code === 48) {
      const colour = codes[i + 1] === 2 ? rgb(codes.slice(i + 2, i + 5)) : indexed(codes[i + 2]);
      style = { ...style, [code === 38 ? 'fg' : 'bg']: colour };
      i += codes[i + 1] === 2 ? 4 : 2;
    } else if (code % 10 < 8 && code >= 30 && code < 108) {
      const colour = BASIC[(code % 10) + (code >= 90 ? 8 : 0)];
      const isGround = (code >= 40 && code < 50) || code >= 100;
      style = { ...style, [isGround ? 'bg' : 'fg']: colour };
    }
  }
  return style;
}

function indexed(number) {
  if (number < 16) return BASIC[number];
  if (number >= 232) return rgb([0, 0, 0].map(() => 8 + 10 * (number - 232)));
  const level = (part) => (part === 0 ? 0 : 55 + 40 * part);
  const at = number - 16;
  return rgb([Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map(level));
}

function rgb(parts) {
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function runSvg({ x, text, style }, y) {
  const [left, top] = [(x * CELL_WIDTH).toFixed(1), y * CELL_HEIGHT];
  const width = ([...text].length * CELL_WIDTH).toFixed(1);
  const fg = style.fg ?? TEXT;
  const bg = style.bg ?? GROUND;
  const [ink, ground] = style.reverse ? [bg, fg] : [fg, bg];
  const parts = [];
  if (ground !== GROUND) {
    parts.push(`<rect x="${left}" y="${top}" width="${width}" height="${CELL_HEIGHT}" fill="${ground}"/>`);
  }
  if (text.trim() !== '') {
    const look = [
      ...(style.bold ? ['font-weight="bold"'] : []),
      ...(style.dim ? ['opacity="0.6"'] : []),
      ...(style.underline ? ['text-decoration="underline"'] : []),
    ];
    parts.push(
      `<text ${[`x="${left}"`, `y="${top + 14}"`, `fill="${ink}"`, `textLength="${width}"`, ...look].join(' ')}>${escaped(text)}</text>`,
    );
  }
  return parts.join('');
}

function escaped(text) {
  // Several blanks would be drawn as one.
  return text
    .replaceAll(' ', '\u00a0')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
