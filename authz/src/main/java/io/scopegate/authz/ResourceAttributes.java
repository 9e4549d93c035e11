package io.scopegate.authz;

/**
 * What a user wants to act on, in the words of a <a
 * href="https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/">SubjectAccessReview</a>.
 * An empty string stands for an absent field.
 *
 * @param verb for example {@code get}
 * @param apiGroup for example {@code tempo.grafana.com}
 * @param apiVersion mostly empty
 * @param resource the plural resource name
 * @param subresource mostly empty
 * @param name the object's name
 * @param namespace empty for a cluster-scoped resource
 * @param path of a request that is for no resource ({@code nonResourceAttributes}); then everything
 *     but the verb is empty
 */
public record ResourceAttributes(
    String verb,
    String apiGroup,
    String apiVersion,
    String resource,
    String subresource,
    String name,
    String namespace,
    String path) {

  /** Attributes of a resource. */
  public ResourceAttributes(
      String verb,
      String apiGroup,
      String apiVersion,
      String resource,
      String subresource,
      String name,
      String namespace) {
    this(verb, apiGroup, apiVersion, resource, subresource, name, namespace, "");
  }

  /** Attributes of a path that is no resource of Kubernetes. */
  public static ResourceAttributes ofPath(String verb, String path) {
    return new ResourceAttributes(verb, "", "", "", "", "", "", path);
  }

  /** Whether they are those of a resource, and not of a path. */
  public boolean isResource() {
    return path.isEmpty();
  }
}
