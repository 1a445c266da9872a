// Where a count stood before the run it stands afterwards. Loaded with the first run.

import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

const CountsTable = lazy(() => import('./counts-table.tsx'));

export function CountsSection() {
  const { stores } = useDesk();
  const any = usePicked(stores.objects, ({ nuclei, glands }) => nuclei !== undefined || glands !== undefined);
  if (!any) return null;
  return (
    <Late>
      <CountsTable />
    </Late>
  );
}
