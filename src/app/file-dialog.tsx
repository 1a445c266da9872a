// The browser's dialog for files or for a folder: an input that nobody sees, and what opens it.
import { type ReactNode, useRef } from 'react';

export interface FileDialogAsked {
  readonly label: string; // of the input, for those who look for it by name
  readonly what: 'a file' | 'files' | 'a folder';
  readonly accept?: string;
  /** Never of none. Of a folder each file knows its way in it (webkitRelativePath). */
  readonly onFiles: (files: readonly File[]) => void;
}

/** @returns the input, to be put somewhere on the page, and what opens the dialog */
export function useFileDialog({ label, what, accept, onFiles }: FileDialogAsked): {
  readonly input: ReactNode;
  readonly open: () => void;
} {
  const ref = useRef<HTMLInputElement>(null);
  const input = (
    <input
      ref={(element) => {
        ref.current = element;
        element?.toggleAttribute('webkitdirectory', what === 'a folder');
      }}
      type="file"
      multiple={what === 'files'}
      hidden
      accept={accept}
      aria-label={label}
      onChange={({ currentTarget }) => {
        const chosen = [...(currentTarget.files ?? [])];
        currentTarget.value = ''; // so that the same can be chosen again
        if (chosen.length > 0) onFiles(chosen);
      }}
    />
  );
  return { input, open: () => ref.current?.click() };
}
