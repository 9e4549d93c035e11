package io.scopegate.authz;

import java.util.Set;

/**
 * What these users, and the members of these groups, may do has perhaps changed. RBAC only grants,
 * so a change that gives leaves every yes as it is, and one that takes every no; and what is
 * granted in a namespace says nothing about other namespaces, nor about what belongs to none.
 *
 * @param effect which answers may have changed
 * @param namespace where it holds; empty for everywhere
 * @param users user names, {@code system:serviceaccount:NAMESPACE:NAME} for service accounts
 * @param groups group names
 */
public record RightsChange(Effect effect, String namespace, Set<String> users, Set<String> groups) {

  /** Copies the sets. */
  public RightsChange {
    users = Set.copyOf(users);
    groups = Set.copyOf(groups);
  }

  /** What a change does. */
  public enum Effect {
    /** A no may be a yes now. */
    GIVES,
    /** A yes may be a no now. */
    TAKES;

    /** Which changes matter to an answer. */
    public static Effect on(boolean allowed) {
      return allowed ? TAKES : GIVES;
    }
  }

  /** Whether an answer about something in this namespace, or in none, may have changed. */
  public boolean concerns(String asked) {
    return namespace.isEmpty() || namespace.equals(asked);
  }
}
