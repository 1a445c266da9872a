import { useMemo } from 'react';
import type { PatchManifest } from '#inference/manifest.ts';
import { encoders } from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import { useDesk } from '../workbench.ts';

/** Encoders on the shelf, own ones too. */
export function useEncoders(): readonly PatchManifest[] {
  const { stores } = useDesk();
  const manifests = usePicked(stores.models, (state) => state.manifests);
  return useMemo(() => encoders({ manifests }), [manifests]);
}
