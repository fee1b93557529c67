/** What the doctor says of one part. */
export type Finding = { part: string; is_well: boolean; says: string }

export const well = (part: string, says: string): Finding => ({ part, is_well: true, says })
export const look = (part: string, says: string): Finding => ({ part, is_well: false, says })

/** @param part named when the work throws; its message then says what to do */
export async function found(part: string, work: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await work()
  } catch (error) {
    return look(part, error instanceof Error ? error.message : String(error))
  }
}
