// A part whose code comes when it is first shown. Where it does not come (the site was updated since this page was loaded, or
// cannot be reached), or where the part breaks, that part alone is missing and a notice says so: React would empty the page.
import { Component, type ReactNode, Suspense } from 'react';
import { notify } from './stores/window-store.ts';
import { useDesk } from './workbench.ts';

const SAID =
  'A part of this page could not be shown. The site may have a newer version, or be out of reach. What is on screen ' +
  'stays, and finished runs are kept: save what was drawn, then load the page again.';

/** @param fallback while it is awaited @param broken in its place where it failed; the fallback unless given */
export function Late(props: { children: ReactNode; fallback?: ReactNode; broken?: ReactNode }) {
  const { children, fallback = null, broken = fallback } = props;
  const { stores } = useDesk();
  const tell = (thrown: unknown): void => {
    console.warn(thrown);
    notify(stores.window, { tone: 'bad', text: SAID });
  };
  return (
    <Boundary broken={broken} onBroken={tell}>
      <Suspense fallback={fallback}>{children}</Suspense>
    </Boundary>
  );
}

interface BoundaryProps {
  readonly children: ReactNode;
  readonly broken: ReactNode;
  readonly onBroken: (thrown: unknown) => void;
}

/** React has these as classes only. */
class Boundary extends Component<BoundaryProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  override componentDidCatch(thrown: unknown): void {
    this.props.onBroken(thrown);
  }

  override render(): ReactNode {
    return this.state.isBroken ? this.props.broken : this.props.children;
  }
}
