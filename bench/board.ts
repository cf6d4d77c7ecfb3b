/** The third byte of a CU48 frame after its start: a status query, and an opening pulse. */
export const STATUS = 0x50;
export const PULSE = 0x51;

/** What a CU48 with address 0 answers when all of its doors are closed. */
export const ALL_CLOSED = statusReply(0xff);

function statusReply(states: number): Buffer {
  const frame = [0x02, 0x00, 0x00, 0x65, ...Array.from({ length: 6 }, () => states), 0x03];
  return Buffer.from([...frame, frame.reduce((sum, byte) => sum + byte, 0) & 0xff]);
}
