package io.scopegate.gateway.limit;

/** Where the use of limits is counted. */
interface Buckets {
  /**
   * A full bucket, or what is left in the one that others share.
   *
   * @param owner whose it is: a tenant or a listener
   * @param kind what it counts
   * @param rate at which it fills up
   */
  Bucket bucket(String owner, LimitKind kind, Rate rate);
}
