// Eosin's mark: a gland's outline around a nucleus.
export function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" role="img" aria-label="Eosin">
      <path
        d="M10 1.6c5 0 8.4 3.3 8.4 8.2S15 18.4 10 18.4 1.6 15 1.6 10.2 5 1.6 10 1.6Z"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2"
      />
      <path
        d="M10.2 6.2c2.2-.3 3.9 1.4 3.6 3.8-.2 2.3-1.9 3.9-4 3.7-2.2-.1-3.7-1.8-3.5-4 .2-2 1.8-3.3 3.9-3.5Z"
        fill="none"
        stroke="var(--t1)"
        strokeWidth="1.6"
      />
    </svg>
  );
}
