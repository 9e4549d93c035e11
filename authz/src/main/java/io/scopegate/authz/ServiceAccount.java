package io.scopegate.authz;

import org.jspecify.annotations.Nullable;

/**
 * A service account, which Kubernetes knows as a user by the name {@code
 * system:serviceaccount:NAMESPACE:NAME}.
 *
 * @param namespace its namespace
 * @param name its name there
 */
public record ServiceAccount(String namespace, String name) {
  private static final String PREFIX = "system:serviceaccount:";

  /** Reads a user's name; null when it is no service account's. */
  public static @Nullable ServiceAccount parse(String user) {
    if (!user.startsWith(PREFIX)) {
      return null;
    }
    int colon = user.indexOf(':', PREFIX.length());
    boolean two = colon > PREFIX.length() && colon < user.length() - 1;
    return two && user.indexOf(':', colon + 1) < 0
        ? new ServiceAccount(user.substring(PREFIX.length(), colon), user.substring(colon + 1))
        : null;
  }

  /** The user's name. */
  @Override
  public String toString() {
    return PREFIX + namespace + ":" + name;
  }
}
