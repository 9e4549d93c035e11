package io.scopegate.gateway.explain;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.ServiceAccount;
import io.scopegate.authz.User;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The <a href="https://kubernetes.io/docs/reference/access-authn-authz/rbac/">RBAC</a> objects that
 * allow one user one thing, and no more.
 */
final class Rbac {
  private static final String GROUP = "rbac.authorization.k8s.io";
  private static final int MOST_NAME_CHARS = 200;

  private Rbac() {}

  /**
   * A role and what binds it to the user; those of a cluster, or of the namespace that is asked
   * about.
   *
   * @param tenant gives the role its name
   */
  static List<JsonObject> allowing(User user, String tenant, ResourceAttributes asked) {
    String scope = asked.namespace().isEmpty() ? "Cluster" : "";
    String role = name("scopegate-" + named(tenant, asked) + "-" + asked.verb());
    JsonObject roleRef =
        new JsonObject().put("apiGroup", GROUP).put("kind", scope + "Role").put("name", role);
    return List.of(
        object(scope + "Role", role, asked).put("rules", new JsonArray().add(rule(asked))),
        object(scope + "RoleBinding", name(role + "-" + user.name()), asked)
            .put("roleRef", roleRef)
            .put("subjects", new JsonArray().add(subject(user))));
  }

  private static String named(String tenant, ResourceAttributes asked) {
    if (!tenant.isEmpty()) {
      return tenant;
    }
    return asked.isResource() ? asked.resource() : "path" + asked.path();
  }

  private static JsonObject object(String kind, String name, ResourceAttributes asked) {
    JsonObject metadata = new JsonObject().put("name", name);
    if (!asked.namespace().isEmpty()) {
      metadata.put("namespace", asked.namespace());
    }
    return new JsonObject()
        .put("apiVersion", GROUP + "/v1")
        .put("kind", kind)
        .put("metadata", metadata);
  }

  private static JsonObject rule(ResourceAttributes asked) {
    if (!asked.isResource()) {
      return new JsonObject()
          .put("nonResourceURLs", new JsonArray().add(asked.path()))
          .put("verbs", new JsonArray().add(asked.verb()));
    }
    String resource =
        asked.subresource().isEmpty()
            ? asked.resource()
            : asked.resource() + "/" + asked.subresource();
    JsonObject rule =
        new JsonObject()
            .put("apiGroups", new JsonArray().add(asked.apiGroup()))
            .put("resources", new JsonArray().add(resource));
    if (!asked.name().isEmpty()) {
      rule.put("resourceNames", new JsonArray().add(asked.name()));
    }
    return rule.put("verbs", new JsonArray().add(asked.verb()));
  }

  private static JsonObject subject(User user) {
    ServiceAccount account = ServiceAccount.parse(user.name());
    return account == null
        ? new JsonObject().put("apiGroup", GROUP).put("kind", "User").put("name", user.name())
        : new JsonObject()
            .put("kind", "ServiceAccount")
            .put("name", account.name())
            .put("namespace", account.namespace());
  }

  /**
   * Names of RBAC objects may hold nearly anything; characters not allowed in a path are replaced.
   */
  private static String name(String wished) {
    String name = wished.replaceAll("[/%\\s\\p{Cntrl}]", "-");
    return name.length() <= MOST_NAME_CHARS ? name : name.substring(0, MOST_NAME_CHARS);
  }
}
