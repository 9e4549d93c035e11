package io.scopegate.authz.kubernetes;

/** What is followed in the cluster. */
enum WatchedResource implements Watched {
  /** Roles of the whole cluster. */
  CLUSTER_ROLES("clusterroles", true),
  /** Who has a cluster role everywhere. */
  CLUSTER_ROLE_BINDINGS("clusterrolebindings", true),
  /** Roles of a namespace. */
  ROLES("roles", true),
  /** Who has a role or cluster role in a namespace. */
  ROLE_BINDINGS("rolebindings", true),
  /** Accounts: only which there are. */
  SERVICE_ACCOUNTS("serviceaccounts", false),
  /** Pods that tokens are bound to: only which there are. */
  PODS("pods", false),
  /** Secrets that tokens are bound to: only which there are. */
  SECRETS("secrets", false);

  private static final String PARTIAL = "application/json;g=meta.k8s.io;v=v1;as=";

  private final String plural;
  private final boolean rbac;

  WatchedResource(String plural, boolean rbac) {
    this.plural = plural;
    this.rbac = rbac;
  }

  @Override
  public String plural() {
    return plural;
  }

  /** Whether it says who may do what; else it is something that tokens are bound to. */
  boolean rbac() {
    return rbac;
  }

  /** The collection over all namespaces. */
  @Override
  public String path() {
    return (rbac ? "/apis/rbac.authorization.k8s.io/v1/" : "/api/v1/") + plural;
  }

  /**
   * How a list is asked for: of what tokens are bound to the <a
   * href="https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches">metadata
   * only</a>, so that neither specs nor secrets come here.
   */
  @Override
  public String acceptList() {
    return rbac ? "application/json" : PARTIAL + "PartialObjectMetadataList";
  }

  @Override
  public String acceptWatch() {
    return rbac ? "application/json" : PARTIAL + "PartialObjectMetadata";
  }
}
