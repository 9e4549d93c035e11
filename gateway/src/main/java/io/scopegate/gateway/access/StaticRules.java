package io.scopegate.gateway.access;

import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorization.Ground;
import io.scopegate.authz.Lease;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.ServiceAccount;
import io.scopegate.authz.User;
import io.scopegate.gateway.route.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rules of {@code authorization.static}: they grant, and never refuse. Found by the user's name
 * and groups, so their number costs nothing. For any thread.
 */
final class StaticRules {
  private static final String ANY_TENANT = "*";

  private final Map<String, List<Grant>> byUser = new HashMap<>();
  private final Map<String, List<Grant>> byGroup = new HashMap<>();
  private final Lease lease = new Lease();

  /** For one configuration, whose rules have been checked. */
  StaticRules(List<StaticRule> rules) {
    for (int i = 0; i < rules.size(); i++) {
      StaticRule rule = rules.get(i);
      Grant grant = grant(rule, i);
      if (rule.group() != null) {
        byGroup.computeIfAbsent(rule.group(), g -> new ArrayList<>()).add(grant);
      } else {
        byUser.computeIfAbsent(user(rule), u -> new ArrayList<>()).add(grant);
      }
    }
  }

  private Grant grant(StaticRule rule, int index) {
    Ground ground = new Ground(Ground.Source.STATIC_RULE, 0, lease);
    return new Grant(
        new HashSet<>(rule.tenants()),
        Set.copyOf(rule.operations()),
        rule.review(),
        new Authorization(
            Decision.ALLOW, "authorization.static[" + index + "]", Long.MAX_VALUE, ground));
  }

  private static String user(StaticRule rule) {
    String account = rule.serviceAccount();
    if (account != null) {
      int slash = account.indexOf('/');
      return new ServiceAccount(account.substring(0, slash), account.substring(slash + 1))
          .toString();
    }
    if (rule.user() == null) {
      throw new IllegalArgumentException(
          "authorization.static: nobody (expected: one of user, group and serviceAccount)");
    }
    return rule.user();
  }

  /** The grant of a rule; null when none says anything. */
  @Nullable Authorization grant(User user, String tenant, Operation operation) {
    StaticRule.Operation wanted = wanted(operation);
    return find(user, grant -> grant.covers(tenant, wanted));
  }

  /** The same for a review of a proxied request. */
  @Nullable Authorization grant(User user, ResourceAttributes asked) {
    return find(user, grant -> grant.covers(asked));
  }

  private @Nullable Authorization find(User user, Predicate<Grant> covers) {
    if (byUser.isEmpty() && byGroup.isEmpty()) {
      return null;
    }
    Authorization found = find(byUser.get(user.name()), covers);
    List<String> groups = byGroup.isEmpty() ? List.of() : user.groups();
    for (int i = 0; found == null && i < groups.size(); i++) {
      found = find(byGroup.get(groups.get(i)), covers);
    }
    return found;
  }

  private static @Nullable Authorization find(
      @Nullable List<Grant> grants, Predicate<Grant> covers) {
    if (grants != null) {
      for (Grant grant : grants) {
        if (covers.test(grant)) {
          return grant.answer();
        }
      }
    }
    return null;
  }

  private static StaticRule.Operation wanted(Operation operation) {
    return switch (operation) {
      case READ -> StaticRule.Operation.READ;
      case WRITE -> StaticRule.Operation.WRITE;
      case ADMIN -> StaticRule.Operation.ADMIN;
      case OPEN, PUBLIC ->
          throw new IllegalArgumentException(
              "operation: " + operation + " (expected: with a tenant)");
    };
  }

  /** Others are in force: what these granted is decided again. */
  void end() {
    lease.end();
  }

  private record Grant(
      Set<String> tenants,
      Set<StaticRule.Operation> operations,
      @Nullable StaticReview review,
      Authorization answer) {

    boolean covers(ResourceAttributes asked) {
      return review != null && review.covers(asked);
    }

    boolean covers(String tenant, StaticRule.Operation operation) {
      return operations.contains(operation)
          && (tenants.contains(ANY_TENANT) || tenants.contains(tenant));
    }
  }
}
