//! The view of a monitoring return: indicators with what each school contributes.
