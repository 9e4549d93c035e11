package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evaluates stored roles and bindings as Kubernetes does. */
final class Rbac {
  private static final String SERVICE_ACCOUNT = "system:serviceaccount:";

  private Rbac() {}

  /** Whether somebody may do something. */
  static Decision decide(View view, Identity who, AccessQuestion what) {
    if (who.groups().contains("system:masters")) {
      return new Decision(true, "", "");
    }
    List<String> problems = new ArrayList<>();
    for (JsonObject binding : view.list(Resource.CLUSTER_ROLE_BINDINGS, "")) {
      Decision decision = byBinding(view, binding, "", who, what, problems);
      if (decision.allowed()) {
        return decision;
      }
    }
    if (!what.namespace().isEmpty()) {
      for (JsonObject binding : view.list(Resource.ROLE_BINDINGS, what.namespace())) {
        Decision decision = byBinding(view, binding, what.namespace(), who, what, problems);
        if (decision.allowed()) {
          return decision;
        }
      }
    }
    return new Decision(false, "", String.join(", ", problems));
  }

  private static Decision byBinding(
      View view,
      JsonObject binding,
      String namespace,
      Identity who,
      AccessQuestion what,
      List<String> problems) {
    for (Object entry : binding.getJsonArray("subjects", new JsonArray())) {
      JsonObject subject = (JsonObject) entry;
      if (!isMeant(subject, namespace, who)) {
        continue;
      }
      JsonObject reference = binding.getJsonObject("roleRef");
      JsonObject role = role(view, reference, namespace);
      if (role == null) {
        problems.add(missing(reference));
      } else if (allows(role, what)) {
        return new Decision(true, reason(binding, namespace, reference, subject), "");
      }
    }
    return new Decision(false, "", "");
  }

  private static @Nullable JsonObject role(View view, JsonObject reference, String namespace) {
    String name = reference.getString("name");
    return reference.getString("kind").equals("ClusterRole")
        ? view.find(Resource.CLUSTER_ROLES, "", name)
        : view.find(Resource.ROLES, namespace, name);
  }

  private static boolean isMeant(JsonObject subject, String namespace, Identity who) {
    String name = subject.getString("name", "");
    return switch (subject.getString("kind", "")) {
      case "User" -> who.name().equals(name);
      case "Group" -> who.groups().contains(name);
      case "ServiceAccount" -> {
        String home = subject.getString("namespace", namespace);
        yield !home.isEmpty() && who.name().equals(SERVICE_ACCOUNT + home + ":" + name);
      }
      default -> false;
    };
  }

  private static boolean allows(JsonObject role, AccessQuestion what) {
    return rules(role).stream().anyMatch(rule -> allows(rule, what));
  }

  static List<Rule> rules(JsonObject role) {
    JsonArray rules = role.getJsonArray("rules");
    return rules == null
        ? List.of()
        : rules.stream().map(rule -> Rule.fromJson((JsonObject) rule)).toList();
  }

  static boolean allows(Rule rule, AccessQuestion what) {
    if (!hasOrAll(rule.verbs(), what.verb())) {
      return false;
    }
    return what.isResource()
        ? hasOrAll(rule.apiGroups(), what.group())
            && rule.resources().stream().anyMatch(named -> isResource(named, what))
            && (rule.resourceNames().isEmpty() || rule.resourceNames().contains(what.name()))
        : rule.nonResourceUrls().stream().anyMatch(url -> isPath(url, what.path()));
  }

  private static boolean isResource(String named, AccessQuestion what) {
    return named.equals("*")
        || named.equals(what.combined())
        || (!what.subresource().isEmpty() && named.equals("*/" + what.subresource()));
  }

  private static boolean isPath(String url, String path) {
    return url.equals("*")
        || url.equals(path)
        || (url.endsWith("*") && path.startsWith(url.substring(0, url.length() - 1)));
  }

  private static boolean hasOrAll(List<String> values, String wanted) {
    return values.contains("*") || values.contains(wanted);
  }

  private static String missing(JsonObject reference) {
    return "%s.rbac.authorization.k8s.io \"%s\" not found"
        .formatted(
            reference.getString("kind").equals("ClusterRole") ? "clusterrole" : "role",
            reference.getString("name"));
  }

  private static String reason(
      JsonObject binding, String namespace, JsonObject reference, JsonObject subject) {
    String name = binding.getJsonObject("metadata").getString("name");
    String whom = subject.getString("name");
    if (subject.getString("kind").equals("ServiceAccount")) {
      whom = whom + "/" + subject.getString("namespace", namespace);
    }
    return "RBAC: allowed by %s \"%s\" of %s \"%s\" to %s \"%s\""
        .formatted(
            namespace.isEmpty() ? "ClusterRoleBinding" : "RoleBinding",
            namespace.isEmpty() ? name : name + "/" + namespace,
            reference.getString("kind"),
            reference.getString("name"),
            subject.getString("kind"),
            whom);
  }

  /**
   * The outcome.
   *
   * @param allowed whether they may
   * @param reason which binding allows it, or empty
   * @param problem what could not be looked up, or empty
   */
  record Decision(boolean allowed, String reason, String problem) {}
}
