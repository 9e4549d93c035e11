package io.scopegate.gateway.access;

import io.scopegate.authz.DecisionCacheConfig;
import io.scopegate.config.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a right is asked for.
 *
 * @param mapping which resource attributes stand for a tenant
 * @param resourceAttributes the templates of {@link Mapping#CUSTOM}; see {@link
 *     #effectiveResourceAttributes()} for those in force
 * @param rewrites where proxied requests name what is reviewed; null when they name nothing
 * @param verbs the verb of each operation
 * @param decisionCache how long a decision is kept
 * @param enforce what becomes of a request that is refused for who sends it
 * @param watchRbac whether changed RBAC objects end cached decisions at once
 * @param staticRules rules that need no review
 */
public record AuthorizationConfig(
    @Key(
            doc =
                "What a tenant is to Kubernetes: `tempo-operator` (a cluster-scoped resource named"
                    + " like the tenant), `namespaced` (resource `traces` in a namespace named like"
                    + " the tenant) or `custom` (`resourceAttributes`). Where requests are proxied"
                    + " there are no tenants: `custom`, or `non-resource` (the path itself).",
            def = "tempo-operator",
            reload = Key.Reload.AT_ONCE)
        Mapping mapping,
    @Key(
            doc =
                "Templates of the reviewed attributes with `{tenant}`, `{operation}` and `{user}`"
                    + " filled in, or `{value}` and `{user}` where requests are proxied; other than"
                    + " the defaults only with `mapping: custom`.")
        ResourceAttributesConfig resourceAttributes,
    @Key(
            doc =
                "Where proxied requests name what is reviewed, `{value}` in `resourceAttributes`;"
                    + " each value found is reviewed, and one must be found.",
            reload = Key.Reload.AT_ONCE)
        @Nullable RewritesConfig rewrites,
    @Key(doc = "The verb that each operation needs.") VerbsConfig verbs,
    @Key(doc = "How long decisions are kept.") DecisionCacheConfig decisionCache,
    @Key(
            doc =
                "`deny`: a request without a valid credential or without the right is refused."
                    + " `audit`: it is **forwarded all the same**, for the tenant that it asks for,"
                    + " and logged and counted as one that would be refused. For a Tempo whose"
                    + " callers do not have their rights yet; a listener may have its own.",
            def = "deny",
            reload = Key.Reload.AT_ONCE)
        Enforcement enforce,
    @Key(
            doc =
                "Watch RBAC objects, service accounts and Pods, so that changes take effect at once."
                    + " Without it, or without the right to watch, they take effect when cached"
                    + " answers expire.",
            def = "true")
        boolean watchRbac,
    @Key(
            name = "static",
            doc =
                "Rules that grant without a review, for every kind of identity; what none of them"
                    + " grants is reviewed. Each has one of `user`, `group` and `serviceAccount`.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<StaticRule> staticRules) {

  /** Copies the list. */
  public AuthorizationConfig {
    staticRules = List.copyOf(staticRules);
  }

  /** Which resource attributes stand for a tenant. */
  public enum Mapping {
    /** API group {@code tempo.grafana.com}, resource = tenant, name {@code traces}. */
    TEMPO_OPERATOR,
    /** Resource {@code traces}, name {@code traces}, in the namespace of the tenant's name. */
    NAMESPACED,
    /** As the templates say. */
    CUSTOM,
    /** No resource: the verb and the path of a proxied request. */
    NON_RESOURCE
  }

  /** The templates in force: the mapping's, or those given for {@link Mapping#CUSTOM}. */
  public ResourceAttributesConfig effectiveResourceAttributes() {
    return switch (mapping) {
      case TEMPO_OPERATOR -> ResourceAttributesConfig.TEMPO_OPERATOR;
      case NAMESPACED -> ResourceAttributesConfig.NAMESPACED;
      case CUSTOM, NON_RESOURCE -> resourceAttributes;
    };
  }
}
