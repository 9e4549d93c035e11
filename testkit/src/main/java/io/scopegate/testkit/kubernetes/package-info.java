/**
 * A Kubernetes API server in miniature: it signs and reviews real tokens, stores RBAC objects and
 * evaluates them, lists and watches, and treats its own callers by the same rules.
 */
@NullMarked
package io.scopegate.testkit.kubernetes;

import org.jspecify.annotations.NullMarked;
