export function Root() {
  return <main />;
}
