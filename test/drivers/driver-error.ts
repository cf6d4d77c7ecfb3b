import { DriverError } from '../../drivers/errors.ts';

/** The error of a driver with which something rejects; fails where it does not, or with anything else. */
export async function driverErrorOf(work: Promise<unknown>): Promise<DriverError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DriverError) return error;
  throw new Error(`It was not rejected with a DriverError: ${String(error)}`);
}
