/** One file of the user's disk; undefined where they choose none. From a click or a key: browsers ask for that. */
export function chosenFile(accept: string): Promise<File | undefined> {
  const picker = document.createElement('input');
  picker.type = 'file';
  picker.accept = accept;
  return new Promise((resolve) => {
    picker.addEventListener('change', () => resolve(picker.files?.[0]));
    picker.addEventListener('cancel', () => resolve(undefined));
    picker.click();
  });
}
