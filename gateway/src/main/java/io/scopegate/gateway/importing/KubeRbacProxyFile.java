package io.scopegate.gateway.importing;

import io.scopegate.config.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file of kube-rbac-proxy's {@code --config-file}. What kube-rbac-proxy silently ignores, an
 * unknown key for example, is a problem here.
 *
 * @param authorization how a right is asked for
 */
record KubeRbacProxyFile(@Key(doc = "Rights.") @Nullable Authorization authorization) {

  /**
   * How requests are authorized.
   *
   * @param rewrites where a request names what is reviewed
   * @param resourceAttributes what is reviewed; null: the path
   * @param staticRules what is granted without a review
   */
  record Authorization(
      @Key(doc = "Rewrites.") @Nullable Rewrites rewrites,
      @Key(doc = "Attributes.") @Nullable Attributes resourceAttributes,
      @Key(name = "static", doc = "Rules.", def = "[]") List<Rule> staticRules) {}

  /**
   * Where a request names what is reviewed.
   *
   * @param byQueryParameter a parameter of the query
   * @param byHttpHeader a header
   */
  record Rewrites(
      @Key(doc = "Parameter.") @Nullable Named byQueryParameter,
      @Key(doc = "Header.") @Nullable Named byHttpHeader) {}

  /**
   * A name.
   *
   * @param name empty for none
   */
  record Named(@Key(doc = "Name.", def = "\"\"") String name) {}

  /**
   * Templates of Go's {@code text/template}.
   *
   * @param namespace the namespace
   * @param apiGroup the API group
   * @param apiVersion the version
   * @param resource the resource
   * @param subresource the subresource
   * @param name the object's name
   */
  record Attributes(
      @Key(doc = "Namespace.", def = "\"\"") String namespace,
      @Key(doc = "API group.", def = "\"\"") String apiGroup,
      @Key(doc = "API version.", def = "\"\"") String apiVersion,
      @Key(doc = "Resource.", def = "\"\"") String resource,
      @Key(doc = "Subresource.", def = "\"\"") String subresource,
      @Key(doc = "Name.", def = "\"\"") String name) {}

  /**
   * A rule that grants; what is empty may be anything.
   *
   * @param user whom
   * @param verb the verb
   * @param namespace the namespace
   * @param apiGroup the API group
   * @param resource the resource
   * @param subresource the subresource
   * @param name the object's name
   * @param resourceRequest whether it is for a resource, and not for a path
   * @param path the path
   */
  record Rule(
      @Key(doc = "User.") @Nullable User user,
      @Key(doc = "Verb.", def = "\"\"") String verb,
      @Key(doc = "Namespace.", def = "\"\"") String namespace,
      @Key(doc = "API group.", def = "\"\"") String apiGroup,
      @Key(doc = "Resource.", def = "\"\"") String resource,
      @Key(doc = "Subresource.", def = "\"\"") String subresource,
      @Key(doc = "Name.", def = "\"\"") String name,
      @Key(doc = "For a resource.", def = "false") boolean resourceRequest,
      @Key(doc = "Path.", def = "\"\"") String path) {}

  /**
   * Whom a rule is for.
   *
   * @param name the user's name; empty for everybody
   * @param groups has no effect in kube-rbac-proxy
   */
  record User(
      @Key(doc = "Name.", def = "\"\"") String name,
      @Key(doc = "Groups.", def = "[]") List<String> groups) {}
}
