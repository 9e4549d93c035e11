/** Communication with the Kubernetes API server: reviews, budgets, and the watch of objects. */
@NullMarked
package io.scopegate.authz.kubernetes;

import org.jspecify.annotations.NullMarked;
