// What a host needs so that slides on it can be read in parts by another page.

export type HostKind = 'S3' | 'GitHub Pages' | 'nginx' | 'Caddy';
export const HOST_KINDS: readonly HostKind[] = ['S3', 'GitHub Pages', 'nginx', 'Caddy'];

export type HostNeed = 'cors' | 'range' | 'encoding';

export interface HostLines {
  readonly lines: string; //  to copy
  readonly where: string; //  they go, or what else is to know
}

const EXPOSED = 'Content-Range, Content-Length, Accept-Ranges, ETag';

/** @param origin of the page that is to read */
export function hostLines(kind: HostKind, need: HostNeed, origin: string): HostLines {
  switch (kind) {
    case 'S3':
      return s3(need, origin);
    case 'GitHub Pages':
      return pages(need);
    case 'nginx':
      return nginx(need, origin);
    case 'Caddy':
      return caddy(need, origin);
  }
}

function s3(need: HostNeed, origin: string): HostLines {
  if (need === 'cors') {
    const rule = {
      AllowedOrigins: [origin],
      AllowedMethods: ['GET', 'HEAD'],
      AllowedHeaders: ['Range', 'Accept'],
      ExposeHeaders: EXPOSED.split(', '),
    };
    return { lines: JSON.stringify([rule], null, 2), where: 'Bucket, Permissions, Cross-origin resource sharing.' };
  }
  const copy = 'aws s3 cp s3://BUCKET/KEY s3://BUCKET/KEY \\\n  --metadata-directive REPLACE --content-type image/tiff';
  return {
    lines: copy,
    where:
      need === 'range'
        ? 'S3 sends parts of every file. What stands before it (a proxy, a function) drops the Range header; or the object says Content-Encoding, which this takes away.'
        : 'Takes Content-Encoding off the object. In CloudFront, turn automatic compression off for slides.',
  };
}

function pages(need: HostNeed): HostLines {
  const own = 'GitHub Pages lets every page read and sends parts by itself; it takes files up to 100 MB.';
  const where: Record<HostNeed, string> = {
    cors: 'A release or a raw address does not let pages read. Keep the file in the site’s own branch, not in Git LFS.',
    range: 'Where it does not, something before it answers: use the github.io address itself.',
    encoding: 'What comes compressed has passed something else: use the github.io address itself.',
  };
  return { lines: 'https://USER.github.io/REPOSITORY/slide.svs', where: `${own} ${where[need]}` };
}

function nginx(need: HostNeed, origin: string): HostLines {
  const lines: Record<HostNeed, string> = {
    cors: [
      `add_header Access-Control-Allow-Origin "${origin}" always;`,
      'add_header Access-Control-Allow-Headers "Range, Accept" always;',
      'add_header Access-Control-Expose-Headers',
      `  "${EXPOSED}" always;`,
    ].join('\n'),
    range: 'max_ranges 16;\nproxy_force_ranges on;',
    encoding: 'gzip off;',
  };
  return { lines: lines[need], where: 'In the location of the slides; then nginx -s reload.' };
}

function caddy(need: HostNeed, origin: string): HostLines {
  const lines: Record<HostNeed, string> = {
    cors: [
      'header /slides/* {',
      `  Access-Control-Allow-Origin "${origin}"`,
      '  Access-Control-Allow-Headers "Range, Accept"',
      `  Access-Control-Expose-Headers "${EXPOSED}"`,
      '}',
    ].join('\n'),
    range: 'handle_path /slides/* {\n  root * /srv/slides\n  file_server\n}',
    encoding: '@pages not path /slides/*\nencode @pages zstd gzip',
  };
  const where = 'In the site of the Caddyfile, with your own path; then caddy reload.';
  return { lines: lines[need], where };
}
