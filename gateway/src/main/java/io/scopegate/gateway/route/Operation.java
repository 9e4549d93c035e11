package io.scopegate.gateway.route;

/** What a call does to a tenant's data; told by the endpoint, never by the HTTP method. */
public enum Operation {
  /** Reads traces. */
  READ,
  /** Stores traces. */
  WRITE,
  /** Changes a tenant's configuration. */
  ADMIN,
  /** Touches no tenant's data: a valid token is enough, no tenant and no review are needed. */
  OPEN
}
