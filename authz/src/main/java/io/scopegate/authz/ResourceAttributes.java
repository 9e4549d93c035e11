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
 */
public record ResourceAttributes(
    String verb,
    String apiGroup,
    String apiVersion,
    String resource,
    String subresource,
    String name,
    String namespace) {}
