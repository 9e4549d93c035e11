package io.scopegate.gateway.traffic;

/**
 * A limit of a tenant that is a rate.
 *
 * @param key its key below {@code limits}
 * @param used what the tenant used of it, a second
 * @param limit what it may use, a second
 */
public record UsedLimit(String key, double used, double limit) {
  /** How much of it is used: 1 for all. */
  public double ratio() {
    return used / limit;
  }
}
