// The door to the trust card: it is loaded once something has computed.

import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

const TrustCard = lazy(() => import('./trust-card.tsx'));

export function TrustSection() {
  const { stores } = useDesk();
  const device = usePicked(stores.run, (state) => state.device);
  if (!device) return null;
  return (
    <Late>
      <TrustCard device={device} />
    </Late>
  );
}
