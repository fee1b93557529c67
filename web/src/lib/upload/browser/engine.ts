/** The engine of uploads, loaded once the page stands: nobody waits for it to see a list. */
let loading: Promise<typeof import('../uploads.svelte.ts')> | null = null

/** Asked again after a failure: the line may have been away. */
export async function engine() {
  loading ??= import('../uploads.svelte.ts')
  try {
    return (await loading).uploads
  } catch (error) {
    loading = null
    throw error
  }
}
