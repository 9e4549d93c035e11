package io.scopegate.testkit.kubernetes;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of object that the stand-in stores. */
public enum Resource {
  /** Namespaces; deleting one deletes what is in it. */
  NAMESPACES("", "namespaces", "Namespace", false),
  /** Service accounts. */
  SERVICE_ACCOUNTS("", "serviceaccounts", "ServiceAccount", true),
  /** Pods, for the tokens that are bound to them. */
  PODS("", "pods", "Pod", true),
  /** Secrets. */
  SECRETS("", "secrets", "Secret", true),
  /** Where the servers of Services are. */
  ENDPOINT_SLICES("discovery.k8s.io", "endpointslices", "EndpointSlice", true),
  /** Roles. */
  ROLES("rbac.authorization.k8s.io", "roles", "Role", true),
  /** Role bindings. */
  ROLE_BINDINGS("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", true),
  /** Cluster roles, aggregated ones included. */
  CLUSTER_ROLES("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", false),
  /** Cluster role bindings. */
  CLUSTER_ROLE_BINDINGS(
      "rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", false);

  private final String group;
  private final String plural;
  private final String kind;
  private final boolean namespaced;

  Resource(String group, String plural, String kind, boolean namespaced) {
    this.group = group;
    this.plural = plural;
    this.kind = kind;
    this.namespaced = namespaced;
  }

  /** The API group, empty for the core one. */
  public String group() {
    return group;
  }

  /** The name in paths and rules. */
  public String plural() {
    return plural;
  }

  /** The name in objects. */
  public String kind() {
    return kind;
  }

  /** Whether its objects live in namespaces. */
  public boolean namespaced() {
    return namespaced;
  }

  /** {@code v1} or {@code group/v1}. */
  public String apiVersion() {
    return group.isEmpty() ? "v1" : group + "/v1";
  }

  static Optional<Resource> ofKind(String kind) {
    return Arrays.stream(values()).filter(resource -> resource.kind.equals(kind)).findFirst();
  }

  static Optional<Resource> of(String group, String plural) {
    return Arrays.stream(values())
        .filter(resource -> resource.group.equals(group) && resource.plural.equals(plural))
        .findFirst();
  }
}
