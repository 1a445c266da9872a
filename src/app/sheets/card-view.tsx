// A card's blocks on screen. Cards nest no deeper than a list or a table.
import css from '../styles/sheet.module.css';
import type { Block, Span } from './card.ts';

export function Blocks({ of }: { of: readonly Block[] }) {
  return (
    <div className={css.blocks}>
      {of.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a card's blocks never move
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'paragraph':
      return (
        <p>
          <Spans of={block.spans} />
        </p>
      );
    case 'code':
      return <pre className={css.code}>{block.text}</pre>;
    case 'list':
      return (
        <ul>
          {block.items.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <li key={index}>
              <Spans of={item} />
            </li>
          ))}
        </ul>
      );
    case 'table':
      return (
        <table className={css.table}>
          <thead>
            <Row cells={block.head} as="th" />
          </thead>
          <tbody>
            {block.rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <Row key={index} cells={row} as="td" />
            ))}
          </tbody>
        </table>
      );
  }
}

function Row({ cells, as: Cell }: { cells: readonly (readonly Span[])[]; as: 'th' | 'td' }) {
  return (
    <tr>
      {cells.map((cell, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <Cell key={index}>
          <Spans of={cell} />
        </Cell>
      ))}
    </tr>
  );
}

function Spans({ of }: { of: readonly Span[] }) {
  return of.map((span, index) => {
    const key = `${index} ${span.text}`;
    switch (span.kind) {
      case 'strong':
        return (
          <strong key={key} className="b">
            {span.text}
          </strong>
        );
      case 'code':
        return <code key={key}>{span.text}</code>;
      case 'link':
        return (
          <a key={key} className="link" href={span.href} target="_blank" rel="noreferrer">
            {span.text}
          </a>
        );
      default:
        return <span key={key}>{span.text}</span>;
    }
  });
}
