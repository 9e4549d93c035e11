package io.scopegate.gateway.explain;

import io.scopegate.authz.ServiceAccount;
import io.scopegate.authz.User;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a user that somebody wants to know about, with the groups that Kubernetes would add. */
final class AssumedUser {
  private static final int MOST_CHARS = 1024;
  private static final int MOST_GROUPS = 500;

  private AssumedUser() {}

  /** As {@link ExplainRequest#as}. */
  static User of(String text, @Nullable String groups) {
    ServiceAccount account = ServiceAccount.parse(text);
    int slash = text.indexOf('/');
    if (account == null && slash > 0 && text.matches("[a-z0-9.-]+/[a-z0-9.-]+")) {
      account = new ServiceAccount(text.substring(0, slash), text.substring(slash + 1));
    }
    if (text.isBlank() || text.length() > MOST_CHARS) {
      throw new IllegalArgumentException(
          "as: (expected: a user's name, or NAMESPACE/NAME of a service account)");
    }
    return new User(
        account == null ? text : account.toString(), "", groups(account, groups), Map.of());
  }

  private static List<String> groups(@Nullable ServiceAccount account, @Nullable String groups) {
    Set<String> all = new LinkedHashSet<>();
    if (account != null) {
      all.add("system:serviceaccounts");
      all.add("system:serviceaccounts:" + account.namespace());
    }
    for (String group : groups == null ? new String[0] : groups.split(",", -1)) {
      if (!group.isBlank()) {
        all.add(group.strip());
      }
    }
    all.add("system:authenticated");
    if (all.size() > MOST_GROUPS || all.stream().anyMatch(g -> g.length() > MOST_CHARS)) {
      throw new IllegalArgumentException("groups: too many or too long (expected: names)");
    }
    return new ArrayList<>(all);
  }
}
