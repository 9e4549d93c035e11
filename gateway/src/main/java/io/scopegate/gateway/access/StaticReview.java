package io.scopegate.gateway.access;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.config.Key;
import org.jspecify.annotations.Nullable;

/**
 * Which reviews of proxied requests a static rule makes needless; what is null may be anything.
 *
 * @param verb the verb
 * @param apiGroup the API group
 * @param resource the resource
 * @param subresource the subresource
 * @param name the object's name
 * @param namespace the namespace
 * @param path the path of a request that is for no resource; null for those that are for one
 */
public record StaticReview(
    @Key(doc = "Verb; `null`: any.", reload = Key.Reload.AT_ONCE) @Nullable String verb,
    @Key(doc = "API group; `null`: any.", reload = Key.Reload.AT_ONCE) @Nullable String apiGroup,
    @Key(doc = "Resource; `null`: any.", reload = Key.Reload.AT_ONCE) @Nullable String resource,
    @Key(doc = "Subresource; `null`: any.", reload = Key.Reload.AT_ONCE)
        @Nullable String subresource,
    @Key(doc = "Name of the object; `null`: any.", reload = Key.Reload.AT_ONCE)
        @Nullable String name,
    @Key(doc = "Namespace; `null`: any.", reload = Key.Reload.AT_ONCE) @Nullable String namespace,
    @Key(
            doc = "Path, for reviews of a path; `null`: for reviews of a resource.",
            reload = Key.Reload.AT_ONCE)
        @Nullable String path) {

  /** Whether this needs no review. */
  public boolean covers(ResourceAttributes asked) {
    return asked.isResource() == (path == null)
        && fits(path, asked.path())
        && fits(verb, asked.verb())
        && fits(apiGroup, asked.apiGroup())
        && fits(resource, asked.resource())
        && fits(subresource, asked.subresource())
        && fits(name, asked.name())
        && fits(namespace, asked.namespace());
  }

  private static boolean fits(@Nullable String wanted, String asked) {
    return wanted == null || wanted.equals(asked);
  }
}
