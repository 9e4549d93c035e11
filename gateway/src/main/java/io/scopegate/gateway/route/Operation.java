package io.scopegate.gateway.route;

import java.util.Locale;

/** What a call does to a tenant's data; told by the endpoint, never by the HTTP method. */
public enum Operation {
  /** Reads traces. */
  READ,
  /** Stores traces. */
  WRITE,
  /** Changes a tenant's configuration. */
  ADMIN,
  /** Touches no tenant's data: a valid token is enough, no tenant and no review are needed. */
  OPEN,
  /** No authentication is needed. */
  PUBLIC;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The word for it in logs and metrics, for example {@code read}. */
  public String label() {
    return label;
  }
}
