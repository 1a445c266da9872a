export async function memory() {
  return undefined;
}
